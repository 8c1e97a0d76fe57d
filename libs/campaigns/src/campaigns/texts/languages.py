"""Which language a short text is written in, by its small words. Pure.

Articles, pronouns and prepositions make up about half of what is written, and no
two languages share them; counting them tells the language of a message
(Grefenstette, "Comparing two language identification schemes", 1995). A text
counts as another language only on clear evidence: it has at least two small
words of that language, and more than twice as many as of the one that was asked
for. So names, brands and loan words never decide, and a text of three words
passes. Statistical detectors were weighed and left: they take German names in an
English note for German, and cost a hundred megabytes in every worker.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_SMALL_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "english": """
            the and to of is you your for with that this it are was be have has on in at from i we
            our my me would could will how what about been not but so an great love well thanks
            hi hello really looking they their more out by as if can
        """,
        "spanish": """
            el la los las de del que y en un una es por con para su sus se lo al como más pero me mi
            te tu muy gracias hola sobre este esta esto son está han ha nos gustaría sin qué cómo
            también ya cuando usted enhorabuena
        """,
        "french": """
            le la les de des du que et en un une est pour avec dans sur vous votre vos nous notre je
            tu ton ta mon ma mes ce cette ces qui ne pas plus au aux se sont très bonjour merci
            serais j'ai c'est d'un d'une été à chez être félicitations
        """,
        "german": """
            der die das den dem des und zu zum zur mit für von vom ist sind ein eine einen einem
            einer ich sie wir ihr ihre ihren ihnen mich mir du dich dir dein deine nicht auch auf im
            am bei wie was über sehr hallo danke würde freue freuen haben hat habe es sich als noch
        """,
        "portuguese": """
            o os as de do da dos das que e em um uma é por pelo pela com para seu sua seus suas se
            no na nos nas ao como mais mas me meu minha muito obrigado obrigada olá sobre este esta
            isso são está você vocês não gostaria também já quando parabéns ótimo
        """,
        "italian": """
            il lo la gli le di del della dei delle che e è in un una per con su al alla sono mi ti
            si ci ho ha hai come più ma non molto grazie ciao salve questo questa nel nella tuo tua
            vostro vorrei piacerebbe anche da dal sul complimenti
        """,
        "dutch": """
            de het een en van in is op te dat die voor met zijn ik je jij jouw u uw wij we ons onze
            niet ook aan bij naar om als maar wat hoe heel graag hallo hoi dank bedankt zou over er
            heb hebben heeft was nog wel deze dit
        """,
    }.items()
}
_NAMES: Mapping[str, str] = {
    alias: language
    for language, aliases in {
        "english": "english en eng englisch anglais inglés inglês",
        "spanish": "spanish es spa español espanol castellano",
        "french": "french fr fra français francais",
        "german": "german de deu deutsch",
        "portuguese": "portuguese pt por português portugues brazilian",
        "italian": "italian it ita italiano",
        "dutch": "dutch nl nld nederlands",
    }.items()
    for alias in aliases.split()
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")  # noqa: RUF001  a typographic apostrophe is meant
_LEAST_EVIDENCE = 2
_CLEARLY = 2


def is_in_language(text: str, language: str) -> bool:
    """False if the text is clearly not in that language, as the builder calls it.

    True as well where that cannot be told: of a language that is not known here,
    or a text without small words.
    """
    expected = _NAMES.get(re.split(r"[^\w]", language.strip().lower(), maxsplit=1)[0])
    if expected is None:
        return True
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]  # noqa: RUF001
    if _is_of_another_script(words):
        return False
    found = {name: sum(word in small for word in words) for name, small in _SMALL_WORDS.items()}
    most = max(found.values())
    return most < _LEAST_EVIDENCE or most <= _CLEARLY * found[expected]


def _is_of_another_script(words: list[str]) -> bool:
    """Whether most letters are not Latin, as in all the languages that are known here."""
    letters = "".join(words)
    foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return foreign * 2 > len(letters)
