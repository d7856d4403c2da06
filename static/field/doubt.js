// Whether words seem to say who somebody is. Pure; the server reads them once more (`concerns/flags.py`).

const PERSON = /\b(he|she|man|woman|guy|male|female|hombre|mujer|señora?|(last|first) name|goes by|(lives?|stays|sleeps) (at|in|on|here|there)|(vive|duerme)n? (en|ah[ií])|se llama|le dicen)\b/i;
const NUMBER = /@|\(at\)|(^|[^\d-])(\+?1[\s.-]?)?(\(\d{3}\)\s?|\d{3}[\s.-]?)\d{3}[\s.-]?\d{4}(?![\d-])|(^|[^\d-])[2-9]\d{2}[-.]\d{4}(?![\d-])/i;
const NAME = /\b(Mrs?|Ms|Miss|Sra?|Srta|Don|Doña)\.? \p{Lu}\p{Ll}|\b(named|called|llamad[oa]) \p{Lu}\p{Ll}|\b(neighbou?r|landlord|tenant|brother|sister|cousin|son|daughter|husband|wife|vecin[oa]|dueñ[oa]|herman[oa]|prim[oa]|hij[oa]|espos[oa]),? \p{Lu}\p{Ll}+ \p{Lu}\p{Ll}/u;

export const saysWho = (text) => PERSON.test(text) || NUMBER.test(text) || NAME.test(text);
