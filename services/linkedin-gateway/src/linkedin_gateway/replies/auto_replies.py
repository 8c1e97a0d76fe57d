"""Is a reply written by a person, or by a machine while they are away? Pure.

A wrong yes lets a sequence go on after somebody answered, which is worse than a wrong no, so
this is strict: a machine either is headed by what it is (`Automatic reply: …`), or it says both
that the person is away and until when or whom to turn to instead, and asks and offers nothing.
Whoever asks or forbids is a person. Texts are compared without case and accents. The languages
are those that people on LinkedIn write most.
"""

from __future__ import annotations

import re
import unicodedata

_LONGEST_NOTE = 1_500
"""Characters; away messages are short, and people who answer at length are no machines."""

# What a machine calls what it writes. An automatic *message* is what people call ours.
_HEADINGS = (
    r"auto(matic|mated)?[ -]?(reply|response|answer|responder)",
    r"automatische (antwort|abwesenheits\w*)",
    r"abwesenheits(notiz|nachricht|assistent|meldung)",
    r"reponse automatique",
    r"message d'?absence",
    r"respuesta automatica",
    r"risposta automatica",
    r"resposta automatica",
    r"automatisch antwoord",
    r"afwezigheids(bericht|melding)",
    r"autosvar",
    r"automatiskt? svar",
    r"automatyczna odpowiedz",
)
# It stands alone: further on in a sentence it is what people complain of.
_HEADED = re.compile(
    r"\W*((this is|dies ist|ceci est|esta es|questa e|esta e|dit is) \w+ )?"
    rf"({'|'.join(_HEADINGS)}) ?($|[^\w\s,;?'])"
)
# That somebody is away.
_AWAY = (
    r"\bout of (the )?office\b",
    r"\b(currently|presently) (away|on (annual |parental |maternity |paternity |sick )?leave)\b",
    r"\bon (annual|parental|maternity|paternity|sick) leave\b",
    r"\b(i am|i'm|i will be) (away|on (vacation|holiday|leave))\b",
    r"\bnicht im (buro|buero|haus)\b",
    r"\b(im|in) (urlaub|elternzeit|mutterschutz)\b",
    r"\b(derzeit|zurzeit|momentan) (abwesend|nicht erreichbar)\b",
    r"\babsente? (du|jusqu|de mon) ?\w*\b",
    r"\b(en conge|en vacances|absente? du bureau)\b",
    r"\bfuera de la oficina\b",
    r"\b(de vacaciones|de baja)\b",
    r"\bfuori (ufficio|sede)\b",
    r"\b(in ferie|in congedo)\b",
    r"\b(fora do escritorio|de ferias|ausente ate)\b",
    r"\b(niet op kantoor|met vakantie|op vakantie|afwezig)\b",
)
# When they are back, or whom to turn to meanwhile.
_UNTIL = (
    r"\b(return(ing)?|be back|back (on|in)|until|through|from .{1,20} to)\b",
    r"\b(limited|no) access to (my )?(e-?mails?|messages|inbox)\b",
    r"\b(urgent|immediate|emergency|in my absence|please contact|reach out to)\b",
    r"\b(zuruck|wieder (da|erreichbar|im)|bis (zum|einschliesslich|\d)|ab dem|dringend\w*)\b",
    r"\b(vertretung|wenden sie sich|kontaktieren sie)\b",
    r"\b(de retour|retour le|jusqu'?au|urgence|contacter|mon absence)\b",
    r"\b(regreso|vuelvo|volvere|hasta el|urgente|contacte|contactar)\b",
    r"\b(rientro|rientrero|tornero|fino al|urgenz\w+|contattare)\b",
    r"\b(regresso|retorno|volto|ate (o dia|dia|\d)|urgente|contactar|contatar)\b",
    r"\b(terug|tot en met|tot \d|dringend\w*|contact opnemen)\b",
)
# What a person says who has had enough, whatever else they say.
_FORBIDS = (
    r"\b(stop|unsubscribe|remove me|take me off|opt(ing)? out|leave me alone|spam\w*)\b",
    r"\b(do not|don'?t|never|no more) (contact|messag\w*|writ\w*|send\w*|e-?mail\w*|bother)\b",
    r"\b(hor(en|t)? (sie |bitte )?auf|aufhoren|unterlassen|keine (weiteren|nachricht\w*))\b",
    r"\b(arretez|cessez|desabonne\w*|ne m'?(e |')?(ecri\w*|contact\w*))\b",
    r"\b(basta|deje(n)? de|no me (escrib\w*|contact\w*))\b",
    r"\b(smett\w*|non (mi )?(scriv\w*|contatt\w*))\b",
    r"\b(pare(m)? de|nao me|hou op|geen berichten)\b",
)
# What a person says who answers, whatever else they say.
_ANSWERS = (
    r"\b(let'?s|lets) (talk|chat|speak|meet|connect|catch up|set|do|schedule)\b",
    r"\b(happy|glad|love|keen) to\b",
    r"\b(interested|interesting|sounds (good|great|interesting)|not for (us|me)|no thanks?)\b",
    r"\b(call|ping|message|email|write) me\b",
    r"\b(your (message|note|offer|product|proposal)|tell me|send (me|over|it))\b",
    r"\b(interessiert|interesse|kein bedarf|gerne|melden sie sich|rufen sie|schicken sie)\b",
    r"\b(interesse|volontiers|rappelez|envoyez|pas interesse\w*)\b",
    r"\b(me interesa|interesad[oa]|llameme|envieme|hablamos|no gracias)\b",
    r"\b(mi interessa|interessato|sentiamoci|mi mandi)\b",
    r"\b(tenho interesse|interessad[oa]|me ligue|me envie|falamos)\b",
    r"\b(interesse|bel me|stuur me|graag)\b",
)


def is_automatic(text: str) -> bool:
    """Whether a machine wrote it; in doubt a person did."""
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST_NOTE:
        return False
    if "?" in plain or _any(_FORBIDS, plain):
        return False
    if _HEADED.match(_plain(text.strip().splitlines()[0])):
        return True
    return _any(_AWAY, plain) and _any(_UNTIL, plain) and not _any(_ANSWERS, plain)


def _any(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("\u2019", "'"))
    without_accents = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(without_accents.casefold().split())
