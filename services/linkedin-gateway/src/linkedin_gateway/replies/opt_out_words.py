"""The words in which people ask for no further contact, by language. Data.

Each is an expression for whole words, spelt as `opt_outs.folded` leaves them: small letters without
accents and apostrophes, a space for each hyphen. Requests do alone; what is said beside them does
not, and decides nothing. A bare "no" is in neither: before a verb it turns the request around.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """Of one language."""

    requests: tuple[str, ...]
    beside: tuple[str, ...]
    asking: tuple[str, ...]
    """What makes a question of a request: without one a question is none."""


_LISTS = (
    r"((mailing|contact|contacts|email|e mail|outreach|distribution|prospect) )?"
    r"(list|lists|database|crm|system|contacts)"
)
_AGAIN = r"( again| ever again| anymore| any more| any longer)?"
_MESSAGES = r"(messages|e ?mails|mails|invitations)"
_THEIR_LIST = rf"(your|this|the|all|any|all your) {_LISTS}"
_MY_DATA = r"my (personal )?(data|details|information|contact|contacts|contact (data|details)|name)"

ENGLISH = Words(
    requests=(
        r"stop( this)?",
        rf"stop (contacting|messaging|e ?mailing|writing|writing to|texting|spamming) me{_AGAIN}",
        rf"stop sending( me)?( any| these| your)?( more)? {_MESSAGES}",
        rf"(do not|dont|never) (contact|message|e ?mail|write|write to|text) me{_AGAIN}",
        rf"(do not|dont) send( me)?( any)?( more)? {_MESSAGES}{_AGAIN}",
        rf"no (more|further) ({_MESSAGES}|contact|communication)",
        rf"(remove|delete|unsubscribe)( me)?( from {_THEIR_LIST})?",
        rf"take me off( {_THEIR_LIST})?",
        rf"(remove|delete) {_MY_DATA}( from {_THEIR_LIST})?",
        r"(put|add) me (on|to) your (do not contact|dnc|suppression) list",
        r"(opt me out|opt out|opting out|i opt out|i am opting out|im opting out)",
        rf"i (want|wish|would like) to (opt out|unsubscribe|be removed)( from {_THEIR_LIST})?",
        r"leave me alone",
    ),
    beside=(
        r"(please|pls|plz|kindly|now|immediately|asap|at once|sorry)",
        r"(thanks|thank you|thx|ty)( so much| a lot)?",
        r"(hi|hello|hey)",
        r"(i am |im )?not interested",
        r"no (interest|thanks|thank you)",
    ),
    asking=(r"(can|could|would|will) you",),
)
_VON_LISTE = (
    r"(aus|von|vom) (der|dieser|ihrer|eurer|deiner|dem|ihrem|eurem|deinem)?( )?"
    r"(liste|mailingliste|kontaktliste|verteilerliste|datenbank|verteiler|crm|system)"
)
_NACHRICHTEN = r"(nachrichten|(e ?)?mails?|kontaktaufnahmen?|werbung)"
_ICH_WILL = r"ich (moe?chte|will|wue?nsche)"
_MEINE_DATEN = r"((alle )?meine (daten|kontaktdaten|adresse)|meinen (kontakt|namen))"
_LOESCHEN = r"(loe?schen|entfernen|streichen|austragen|abmelden|sperren|nehmen)"
GERMAN = Words(
    requests=(
        r"stopp?( das)?",
        r"(abmelden|abmeldung|abbestellen|abbestellung|austragen|loe?schen|entfernen)",
        rf"(mich|{_MEINE_DATEN})( bitte)?( {_VON_LISTE})? {_LOESCHEN}",
        rf"{_VON_LISTE} {_LOESCHEN}",
        rf"(loe?schen|entfernen|streichen) sie (mich|{_MEINE_DATEN})( bitte)?( {_VON_LISTE})?",
        rf"nehmen sie mich( bitte)? {_VON_LISTE}",
        rf"(loe?sche?|entferne?|streiche?|nimm) (mich|{_MEINE_DATEN})( bitte)?( {_VON_LISTE})?",
        r"(mich )?(nicht mehr|nie mehr|nie wieder) (kontaktieren|anschreiben|belae?stigen)",
        r"mir (nicht mehr|nie mehr|nie wieder) schreiben",
        r"(kontaktieren|kontaktiere|kontaktiert)( sie)? mich( bitte)? (nicht mehr|nie wieder)",
        r"(schreiben|schreibe?|schreibt)( sie)? (mir|mich)( bitte)? (nicht mehr|nie wieder)( an)?",
        rf"keine (weiteren? )?{_NACHRICHTEN}( mehr)?( senden| schicken| an mich)?",
        r"(lassen sie|lass|lasst) mich( bitte)? in ruhe",
        r"(hoe?ren sie|hoe?rt?)( bitte)? auf (mich anzuschreiben|mir zu schreiben)",
        rf"{_ICH_WILL} keine (weiteren )?{_NACHRICHTEN}( mehr)?( erhalten| bekommen)?",
        rf"{_ICH_WILL} nicht mehr (kontaktiert|angeschrieben) werden",
        rf"{_ICH_WILL} ((mich )?abmelden|geloe?scht werden)",
    ),
    beside=(
        r"(bitte|danke|vielen dank|besten dank|dankeschoe?n|sofort|umgehend|hallo|guten tag)",
        r"((ich )?habe )?(kein interesse|keinen bedarf)",
        r"kein bedarf",
        r"(ich bin )?nicht interessiert",
        r"nein danke",
    ),
    asking=(r"(koe?nnen|koe?nnten|wue?rden) sie", r"(kannst|koe?nntest) du"),
)
_DE_LA_LISTE = (
    r"de (la|votre|vos|ta|cette) (liste|listes|base|base de donnees|fichier|mailing list)"
)
_MES_DONNEES = r"mes (donnees|coordonnees|informations)"
FRENCH = Words(
    requests=(
        r"(me |se )?(desabonner|desinscrire)",
        r"(desabonnement|desinscription|desabonnez moi|desinscrivez moi)",
        rf"(supprimez?|retirez?|enlevez?|effacez?) (moi|{_MES_DONNEES})( {_DE_LA_LISTE})?",
        rf"(supprimer|retirer|effacer) {_MES_DONNEES}( {_DE_LA_LISTE})?",
        rf"me (supprimer|retirer|enlever|desabonner|desinscrire)( {_DE_LA_LISTE})?",
        r"supprimer",
        r"ne (me (contactez|recontactez|contacte)|mecrivez|mecris) plus( jamais)?",
        r"ne menvoyez plus( rien| de messages?)",
        r"ne plus (me (contacter|recontacter)|mecrire|menvoyer de messages?)",
        r"(arretez|arrete|cessez) de (me contacter|mecrire|menvoyer (des|vos) messages)",
        r"laissez moi tranquille",
        r"je (souhaite|veux|desire) me (desabonner|desinscrire)",
        r"je ne (souhaite|veux|desire) plus (etre contactee?|recevoir (de|vos) messages)",
    ),
    beside=(
        r"(sil vous plait|sil te plait|svp|stp|merci|merci de|merci davance|veuillez|bonjour)",
        r"(je ne suis )?pas interessee?",
        r"non merci",
    ),
    asking=(r"(pouvez|pourriez) vous",),
)
_DE_LA_LISTA = r"de (la|su|tu|sus|esta|vuestra) (lista|listas|base de datos)"
SPANISH = Words(
    requests=(
        rf"(darme|deme|denme|dame|dar|quiero darme|solicito la) (de )?baja( {_DE_LA_LISTA})?",
        r"baja",
        r"(eliminar|borrar)",
        rf"(eliminar|eliminen?|borrar|borren?|quitar|quiten?|saquen?)me( {_DE_LA_LISTA})?",
        rf"(elimine|eliminen|borre|borren|eliminar|borrar) mis datos( {_DE_LA_LISTA})?",
        r"no me (contacte|contacten|contactes|escriba|escriban|escribas)( mas| nunca mas)?",
        r"no me (envie|envien|envies|mande|manden|mandes) mas( mensajes| correos)?",
        r"no mas (mensajes|correos)",
        r"(deje|dejen|deja) de (contactarme|escribirme|molestarme|(enviarme|mandarme) mensajes)",
        r"no (deseo|quiero) (recibir mas mensajes|ser contactad[oa]|que me contacten)",
    ),
    beside=(
        r"(por favor|gracias|muchas gracias|hola)",
        r"no (me interesa|estoy interesad[oa]|gracias)",
    ),
    asking=(r"(puede|pueden|podria|podrian)",),
)
_DALLA_LISTA = r"(dalla|dalle|da questa) (vostra |sua |tua |vostre )?(lista|liste|mailing list)"
ITALIAN = Words(
    requests=(
        rf"(cancellate|cancella|cancellar|rimuovete|rimuovi|rimuover|togliete)mi( {_DALLA_LISTA})?",
        rf"mi (cancelli|rimuova|tolga)( {_DALLA_LISTA})?",
        r"(disiscrivetemi|disiscrivimi)",
        r"(disiscrizione|cancellare|rimuovere)",
        r"(cancellare|cancellate|cancelli|rimuovere|rimuovete|rimuova) i miei dati",
        r"non (contattate|contattar|scrivete|scriver)mi( piu| mai piu)?",
        r"non mi (contatti|contattate|scriva|scrivete)( piu| mai piu)?",
        r"(smetta|smettete|smettetela|smettila) di (contattarmi|scrivermi)",
        r"(nessun altro messaggio|basta messaggi)",
    ),
    beside=(
        r"(per favore|per cortesia|grazie|buongiorno|salve)",
        r"non (mi interessa|sono interessat[oa])",
        r"no grazie",
    ),
    asking=(r"(puo|potete|potrebbe|potreste)",),
)
_DA_LISTA = r"(da|desta|de sua|da sua|da vossa|da tua) ?(lista|base de dados|base)"
PORTUGUESE = Words(
    requests=(
        r"(descadastrar|descadastre|remova|remover|excluir|exclua)",
        r"cancelar (a )?(inscricao|assinatura)",
        rf"(remova|remover|retire|retirar|tire|tirar|exclua|excluir|descadastre) me( {_DA_LISTA})?",
        rf"me (remova|retire|tire|exclua|descadastre)( {_DA_LISTA})?",
        r"(apague|apagar|exclua|excluir|remova|remover) (os )?meus dados",
        r"nao me (contate|contacte|contatem|contactem|escreva|escrevam)( mais)?",
        r"nao (me )?(envie|enviem|mande|mandem) mais( mensagens)?",
        r"parem? de me (contatar|contactar|escrever|(enviar|mandar) mensagens)",
        r"nao (quero|desejo) (receber mais mensagens|ser conta(c)?tad[oa])",
    ),
    beside=(
        r"(por favor|obrigad[oa]|muito obrigad[oa]|ola|bom dia)",
        r"(nao tenho|sem) interesse",
        r"nao estou interessad[oa]",
    ),
    asking=(r"(pode|podem|poderia|poderiam)",),
)
_VAN_DE_LIJST = (
    r"(van|uit) (de|deze|uw|jullie|je) (lijst|mailinglijst|contactlijst|database|bestand)"
)
DUTCH = Words(
    requests=(
        r"(afmelden|uitschrijven|verwijderen|afmelding)",
        rf"(verwijder|haal|schrap) (mij|me)( {_VAN_DE_LIJST})?",
        rf"(mij|me) (verwijderen|uitschrijven|afmelden)( {_VAN_DE_LIJST})?",
        r"(schrijf (mij|me) uit|meld (mij|me) af)",
        r"(verwijder mijn gegevens|mijn gegevens verwijderen)",
        r"geen (verdere )?(berichten|mails|contact)( meer)?( sturen)?",
        r"stuur (mij|me) geen berichten meer",
        r"neem geen contact meer( met (mij|me))?( op)?",
        r"(benader|contacteer|mail) (mij|me) niet meer",
        r"(mij |me )?niet meer (benaderen|contacteren|mailen)",
        r"laat (mij|me) met rust",
    ),
    beside=(
        r"(alstublieft|alsjeblieft|aub|svp|graag|bedankt|dank u|dank je|hallo)",
        r"(ik heb )?geen interesse",
        r"(ik ben )?niet geinteresseerd",
        r"nee (bedankt|dank u|dank je)",
    ),
    asking=(r"(kunt|kan) u", r"(kun|kan) je"),
)
BY_LANGUAGE: Mapping[str, Words] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
    "nl": DUTCH,
}

AND = r"(and|und|et|y|e|en)"
"""Between two things that are said."""
NO = r"(no|nope|nein|non|nee|nao)"
"""That somebody says by itself."""
GREETING = (
    r"(hi|hello|hey|dear|hallo|guten tag|lieber?|sehr geehrter? (frau|herr)|bonjour|hola"
    r"|estimad[oa]|ciao|gentile|buongiorno|ola|car[oa]|beste|dag)"
)
"""What a name may follow."""
SIGN_OFF = (
    r"(((best|kind) )?regards|best|cheers|sincerely|vg|lg|mfg|(viele |liebe |beste )?grue?sse"
    r"|(mit )?freundlichen grue?ssen|gruss|cordialement|bien a vous|un saludo|saludos( cordiales)?"
    r"|(cordiali |distinti )?saluti|cumprimentos|abracos?|(met vriendelijke )?groet(en)?)"
)
"""Below which there is a name and nothing more."""
_WROTE = "wrote|schrieb|a ecrit|escribio|ha scritto|escreveu|schreef"
_SENT_FROM = (
    "sent from|gesendet von|von meinem .{2,30} gesendet|envoye de|enviado desde|inviato da"
    "|enviado do|verzonden vanaf"
)
QUOTED = (
    r"\s*>",
    rf"\s*(on|am|le|el|il|em|op)\b.{{4,100}}\b({_WROTE})\b.{{0,80}}:\s*$",
    r"\s*(-{3,}|_{5,})",
    r"\s*(from|von|de|da|van):\s",
    r"--\s*$",
    rf"\s*({_SENT_FROM})\b",
)
"""How lines begin below which it is not them who says something."""
