"""The language that an article states, in whatever form, as a code."""

import re

# ISO 639-1, ISO 639-2 (both forms where there are two) and English names of languages that newspapers are written in.
_LANGUAGES = """
af afr afrikaans; am amh amharic; ar ara arabic; as asm assamese; ay aym aymara; az aze azerbaijani azeri; ba bak bashkir; be bel belarusian;
bg bul bulgarian; bn ben bengali bangla; bo bod tib tibetan; br bre breton; bs bos bosnian; ca cat catalan valencian; ce che chechen; co cos corsican;
cs ces cze czech; cv chv chuvash; cy cym wel welsh; da dan danish; de deu ger german; dv div dhivehi divehi; dz dzo dzongkha; el ell gre greek;
en eng english; eo epo esperanto; es spa spanish castilian; et est estonian; eu eus baq basque; fa fas per persian farsi dari; fi fin finnish;
fj fij fijian; fo fao faroese; fr fra fre french; fy fry frisian; ga gle irish; gd gla gaelic; gl glg galician; gn grn guarani; gu guj gujarati;
ha hau hausa; he heb iw hebrew; hi hin hindi; hr hrv croatian; ht hat haitian; hu hun hungarian; hy hye arm armenian; id ind in indonesian;
ig ibo igbo; is isl ice icelandic; it ita italian; iu iku inuktitut; ja jpn japanese; jv jav javanese; ka kat geo georgian; kk kaz kazakh;
kl kal kalaallisut greenlandic; km khm khmer; kn kan kannada; ko kor korean; ku kur kurdish; ky kir kyrgyz; la lat latin; lb ltz luxembourgish;
lg lug ganda luganda; ln lin lingala; lo lao; lt lit lithuanian; lv lav latvian; mg mlg malagasy; mi mri mao maori; mk mkd mac macedonian;
ml mal malayalam; mn mon mongolian; mr mar marathi; ms msa may malay; mt mlt maltese; my mya bur burmese; nb nob bokmål bokmal; ne nep nepali;
nl nld dut dutch flemish; nn nno nynorsk; no nor norwegian; ny nya nyanja chichewa; oc oci occitan; om orm oromo; or ori odia oriya; os oss ossetic;
pa pan punjabi panjabi; pl pol polish; ps pus pashto; pt por portuguese; qu que quechua; rm roh romansh; rn run rundi kirundi;
ro ron rum mol romanian moldovan moldavian; ru rus russian; rw kin kinyarwanda; sc srd sardinian; sd snd sindhi; se sme sami; si sin sinhala;
sk slk slo slovak; sl slv slovenian slovene; sm smo samoan; sn sna shona; so som somali; sq sqi alb albanian; sr srp serbian; st sot sotho;
su sun sundanese; sv swe swedish; sw swa swahili; ta tam tamil; te tel telugu; tg tgk tajik; th tha thai; ti tir tigrinya; tk tuk turkmen;
tl tgl fil tagalog filipino; tn tsn tswana; to ton tongan; tr tur turkish; tt tat tatar; ug uig uyghur uighur; uk ukr ukrainian; ur urd urdu;
uz uzb uzbek; vi vie vietnamese; wo wol wolof; xh xho xhosa; yi yid yiddish; yo yor yoruba; zh zho chi cmn chinese mandarin; zu zul zulu
"""
_CODES = {form: entry.split()[0] for entry in _LANGUAGES.split(";") for form in entry.split()}
# Undetermined, several, uncoded, none: as ISO 639-2 has them, and as programs do that guess languages, or write what is missing (of the
# languages Nauruan and Min Nan, whose codes are na and nan, there is hardly a newspaper).
_NONE = {"und", "mul", "mis", "zxx", "un", "xx", "na", "nan", "nil", "tbd"}
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")  # "en", "eng", "en-GB", "zh_Hant_TW"
_SEVERAL = re.compile(r"[,;/|&+]|\band\b", re.IGNORECASE)


def language_codes(stated: str) -> list[str]:
    """The codes of the languages that are stated, without regions, in their order; none if none is stated.

    Two letters where ISO 639-1 has them: "en" for "eng", "EN-gb", "English", "British English" and "English (UK)". A code that is not known is
    given back in lower case, a name that is not known states nothing.
    """
    codes = (_code(part.strip(" []'\"")) for part in _SEVERAL.split(stated.partition("(")[0]))
    return list(dict.fromkeys(code for code in codes if code))


def _code(part: str) -> str:
    if tag := _TAG.fullmatch(part):
        code = tag[1].lower()
        return "" if code in _NONE else _CODES.get(code, code)
    words = part.lower().split()
    return _CODES.get(words[-1], "") if len(words) in (1, 2) else ""
