"""Words that seem to describe a person, in English and Spanish. Pure. They are flagged for a reader, never refused."""

import re
import unicodedata

PHONE, EMAIL, PLATE, LIVES, DESCRIPTION, STATUS_WORDS, NAME = (
    "phone",
    "email",
    "plate",
    "lives_at",
    "description",
    "immigration",
    "name",
)

LONGEST = 4000  # twice what a note may hold

_EMAIL = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,64}(?:\.|\s?\(dot\)\s?)[a-z]{2,}", re.I)
# Ten digits as people write them, or seven with a dash; never a pole or case number such as 2026-118204.
_PHONE = re.compile(r"(?<![\d-])(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-]?)\d{3}[\s.-]?\d{4}(?![\d-])")
_SHORT_PHONE = re.compile(r"(?<![\d-])[2-9]\d{2}[-.]\d{4}(?![\d-])")


def _any(words: str) -> str:
    """One of these words or patterns, separated by "|"; spaces at line ends don't count."""
    return "(?:" + "|".join(word.strip() for word in words.replace("\n", "|").split("|") if word.strip()) + ")"


# A token like a plate (ABC 1234, 1AB C23) counts only beside a word for a vehicle or a plate: light poles look alike.
_PLATE_TOKEN = re.compile(
    r"\b(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]{5,8}\b"
    r"|\b[a-z]{2,3}[ -]?\d{1,2}[ -]?[a-z0-9]{2,4}\b|\b[a-z]{2,3}[ -]\d{3,4}\b|\b\d[a-z]{2} \d[a-z]\d\b"
)
_VEHICLE = re.compile(
    r"\b"
    + _any("""plates?|tags?|license|licence|placas?|matricula|car|truck|van|suv|sedan|vehicle|pickup|coche|carro|auto
    camioneta|vehiculo|troca|ford|chevy|honda|toyota|nissan|dodge|jeep""")
    + r"\b"
)
_POLE = re.compile(r"\b" + _any("pole|poste|lamp|light|streetlight|luz|farola|case|caso|311") + r"\b")

_LIVES = re.compile(
    r"\b(?:(?:lives?|living|stays|staying|sleeps|sleeping) "
    + _any("at|in|on|there|here|next door|upstairs|behind")
    + r"|(?:his|her|their) (?:house|apartment|name|phone|number|car)|(?:last|first) name|goes by|known as"
    + r"|(?:tenants?|renters?|family|people|woman|man|guy) (?:in|at|from|of) (?:apartment|apt|unit|house|number|no)\b"
    + r"|(?:vive[ns]?|viven|viviendo|duerme[ns]?|durmiendo) (?:en|ahi|atras|arriba|al lado)"
    + r"|(?:vecin[oa]s?|inquilin[oa]s?|senora?|muchach[oa]|tipo|hombre|mujer) (?:del?|de la|de al) "
    + r"(?:lado|casa|apartamento|departamento|esquina|tienda|perro|bici|gorra|numero|\d+)\b"
    + r"|su (?:nombre|apellido|telefono|carro)|se llaman?|le dicen|apodado)\b"
)

_COLOR = _any("""black|white|brown|blonde?|hispanic|latino|latina|mexican|asian|african|arab|native|somali|caucasian
    dark[- ]skinned|light[- ]skinned""")
_LOOKS = _any("""tall|short|skinny|heavy|heavyset|fat|thin|old|older|young|younger|teenage|bald|bearded|drunk|homeless
    suspicious|shady""")
_ALWAYS_ABOUT_PEOPLE = _any("""thugs?|junkies|junkie|hookers?|prostitutes?|bums|squatters?|squatting|illegals|vagrants?
    transients?|drug dealers?|dealing drugs|selling drugs|gang ?bangers?|gang members?""")
_PERSON = _any("""males?|females?|man|men|woman|women|guys?|dudes?|boys?|girls?|teens?|teenagers?|kids?|youths?|lady
    ladies|persons?|individuals?|addicts?|dealers?|immigrants?|suspects?""")
# What isn't a person although it follows a word for one: a male urinal, the girls school.
_NOT_A_PERSON = (
    r"(?! "
    + _any("""urinals?|toilets?|restrooms?|bathrooms?|clothes|clothing|shoes|bikes?|clinic|shelter
    club|school|scouts?|dorm|crossing""")
    + r"\b)"
)
_WEARS = _any("""hoodies?|hooded|jackets?|glasses|limp|gun|knife|machete|cane|walker|wheelchair|shopping cart
    pit ?bulls?|ball cap|baseball cap|tattoos?|dreadlocks|dreads|beard|ponytail|backpack
    ski masks?""")
_ENGLISH = re.compile(
    rf"\b(?:{_COLOR}|{_LOOKS})[ ,/-]+(?:(?:{_COLOR}|{_LOOKS}|and|looking)[ ,/-]+){{0,4}}{_PERSON}\b{_NOT_A_PERSON}"
    rf"|\b{_PERSON}\b (?:wearing|in (?:his|her|their) \d0s)\b"
    rf"|\b{_PERSON}\b,?.{{0,20}}\b\d{{1,2}}[- ](?:years?[- ]old|yrs?|yo)\b"
    rf"|\b{_PERSON}\b.{{0,30}}\b(?:in|with|wearing)\b.{{0,20}}\b{_WEARS}\b"
    rf"|\bwearing an?\b|\b{_ALWAYS_ABOUT_PEOPLE}\b"
    r"|\b(?:he|she) (?:is|was|has|had|said|says|told|always|never|lives|sells|deals|stands|sits|sleeps|drinks|walks"
    r"|yells|screams|parks|keeps|throws|dumps|broke|did|does|stole|steals|threatens|threatened)\b"
)
_ES_PERSON = _any("""hombres?|mujer|mujeres|muchach[oa]s?|chic[oa]s?|jovenes|joven|tipos?|senor|senora|senores|nin[oa]s?
    personas?|borrach[oa]s?|sospechos[oa]s?""")
_ES_ALWAYS_ABOUT_PEOPLE = _any("""venden? drogas?|vendiendo drogas?|narcomenudistas?|pandiller[oa]s?|drogadict[oa]s?
    prostitutas?|vagabund[oa]s?|indigentes?""")
_ES_LOOKS = _any("""negr[oa]s?|blanc[oa]s?|guer[oa]s?|embarazadas?|pelon[ae]?s?
    moren[oa]s?|gringos?|mexican[oa]s?|latin[oa]s?|hispan[oa]s?|alt[oa]s?
    baj[oa]s?|gord[oa]s?|flac[oa]s?|viej[oa]s?|joven|jovenes|calv[oa]s?|tatuad[oa]s?|borrach[oa]s?|sospechos[oa]s?""")
_ES_WEARS = _any(
    "capucha|sudadera|gorra|tatuajes?|barba|mochila|chaqueta|chamarra|lentes|baston|pistola|cuchillo|machete"
)
_SPANISH = re.compile(
    rf"\b{_ES_PERSON} (?:muy |de piel )?{_ES_LOOKS}\b|\b{_ES_PERSON}\b.{{0,20}}\b(?:de|como de) (?:unos )?\d\d anos\b"
    rf"|\b{_ES_ALWAYS_ABOUT_PEOPLE}\b"
    rf"|\b{_ES_PERSON}\b.{{0,25}}\b(?:con|de|usa|lleva|vestid[oa]s?)\b.{{0,20}}\b{_ES_WEARS}\b"
    r"|\bella (?:es|esta|vende|vive|siempre|grita|amenaza)\b|\bel (?:vende|vive|siempre|grita|amenaza)\b"
)
_ES_THEY = _any("""familias?|gente|personas?|hombres?|mujer|mujeres|vecin[oa]s?|inquilin[oa]s?|son|estan|viven|ellos
    trabajador|trabajadores""")
_IMMIGRATION = re.compile(
    r"\b"
    + _any("""undocumented|illegal aliens?|illegal immigrants?|without papers|immigration status|green card|deported
    illegals|indocumentad[oa]s?|deportad[oa]s?|estatus migratorio|la migra|no tienen? papeles|son ilegales""")
    + r"\b|\b(?:have|has|had|got|with|they|are) no papers\b"
    + rf"|\b{_ES_THEY}\b.{{0,25}}\bsin papeles\b"
)
# The agency's name is told from frozen water by its capitals.
_ICE = re.compile(
    r"\bICE (?:came|comes|agents?|raids?|raided|took|officers?|van)\b|\b(?:called|calling|call|by|from) ICE\b"
)
_NAMED = r"[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+"
_BUSINESS = _any("""bakery|shop|store|restaurant|market|cafe|church|school|clinic|salon|bar|deli|diner|laundry|garage
    Centro|Center|Church|School|Park|Street|St|Ave|Avenue""")
_NAME = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Sr|Sra|Srta|Don|Doña)\.? {_NAMED}\b(?!(?:['’]s)? {_BUSINESS}\b)"
    rf"|\b(?:named|called|llamad[oa]) {_NAMED}\b(?! (?:Street|St|Avenue|Ave|Park|Blvd))"
    rf"|\b(?:neighbou?r|landlord|tenant|renter|roommate|brother|sister|cousin|son|daughter|husband|wife|boyfriend"
    rf"|girlfriend|vecin[oa]|dueñ[oa]|inquilin[oa]|herman[oa]|prim[oa]|hij[oa]|espos[oa]),? {_NAMED} {_NAMED}\b"
)


def flags_for_text(text: str) -> set[str]:
    """What in a text seems to be about a person: phone, email, plate, lives_at, description, immigration, name.

    Empty for words about places and things, such as "black smoke" or "white van without wheels".
    """
    text = text[:LONGEST]
    plain = _plain(text)
    found = {
        EMAIL: _EMAIL.search(text),
        PHONE: _PHONE.search(plain) or _SHORT_PHONE.search(plain),
        PLATE: _has_plate(plain),
        LIVES: _LIVES.search(plain),
        DESCRIPTION: _ENGLISH.search(plain) or _SPANISH.search(plain),
        STATUS_WORDS: _IMMIGRATION.search(plain) or _ICE.search(text),
        NAME: _NAME.search(text),
    }
    return {name for name, match in found.items() if match}


def mentions_status(text: str) -> bool:
    """Whether it speaks of somebody's immigration status, which we don't keep."""
    return bool(_IMMIGRATION.search(_plain(text[:LONGEST])) or _ICE.search(text[:LONGEST]))


_PARTS = re.compile(r"([.,;:!?\n]+\s*|\s+[-–—]\s+)")
CUT = "[…]"


def without_status(text: str) -> str:
    """The text without the parts of its sentences that speak of somebody's immigration status; `CUT` stands there.

    Parts end at a comma, too, so that what else was said about the place stays.
    """
    if not mentions_status(text):
        return text
    parts = _PARTS.split(text)
    kept = "".join(CUT if mentions_status(part) else part for part in parts)
    # What only shows across a comma ("they have, sadly, no papers") goes as a whole.
    return CUT if mentions_status(kept) else kept


def _plain(text: str) -> str:
    """Lower case, without accents, one space between words."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def _has_plate(plain: str) -> bool:
    """Whether something like a plate stands in the same sentence as a vehicle, and no pole or case does."""
    return any(
        _PLATE_TOKEN.search(sentence) and _VEHICLE.search(sentence) and not _POLE.search(sentence)
        for sentence in re.split(r"[.;!?] |\n", plain)
    )
