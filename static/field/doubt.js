// Whether words seem to say who somebody is. Pure; the server reads them once more (`concerns/flags.py`).

const PERSON = /\b(he|she|man(?! hole)|woman|guy|male|female|hombre|mujer|señora?|(last|first) name|goes by|(his|her|their) (house|car|name|phone|number)|(lives?|living|stays|staying|sleeps|sleeping) (at|in|on|here|there)|se llama|le dicen)\b|\b(vive|duerme)n? (en\b|ah[ií])/i;
const NUMBER = /@|\(at\)|(^|[^\d-])(\+?1[\s.-]?)?(\(\d{3}\)\s?|\d{3}[\s.-]?)\d{3}[\s.-]?\d{4}(?![\d-])|(^|[^\d-])[2-9]\d{2}[-.]\d{4}(?![\d-])/i;
const NAME = /\b(Mrs?|Ms|Miss|Sra?|Srta|Don|Doña)\.? \p{Lu}\p{Ll}|\b(named|called|llamad[oa]) \p{Lu}\p{Ll}|\b(neighbou?r|landlord|tenant|brother|sister|cousin|son|daughter|husband|wife|vecin[oa]|dueñ[oa]|herman[oa]|prim[oa]|hij[oa]|espos[oa]),? \p{Lu}\p{Ll}+ \p{Lu}\p{Ll}/u;

export const saysWho = (text) => PERSON.test(text) || NUMBER.test(text) || NAME.test(text);
