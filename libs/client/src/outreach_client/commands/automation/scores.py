"""`outreach scores …`."""

from typing import Annotated

import typer
from outreach.automation.v1 import scoring_service_pb2 as pb

from outreach_client.commands.automation.told_leads import reason_of, tell_closed, term_text, who
from outreach_client.commands.groups import group
from outreach_client.formats.output import print_json, print_sentence
from outreach_client.session import AsJson, ask

app = group("Scores: by what programs rank people, and why.")

ProgramId = Annotated[str, typer.Argument(help="For example prog_01j9z3k4x5.")]


@app.command()
def preview(
    program: ProgramId,
    limit: Annotated[int, typer.Option(help="How many of the first, at most 1000.")] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """Rank the leads that may be released, as the program's next run would; changes nothing."""
    request = pb.PreviewRankingRequest(program_id=program, limit=limit)
    answer = ask(lambda client: client.scores.preview_ranking(request))
    if as_json:
        print_json(answer)
        return
    for lead in answer.leads:
        told = "  ".join(filter(None, [lead.lead_id, who(lead), reason_of(lead)]))
        print_sentence(f"{lead.place:>5}  {told}")
    print_sentence(f"{len(answer.leads)} of {answer.candidates} ready leads")
    tell_closed(answer)
    tell_model(answer)


@app.command()
def show(
    program: ProgramId,
    lead: Annotated[str, typer.Argument(help="A lead of the program's campaign.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell what the score of a lead is made of, and whether it is of the next release."""
    request = pb.ExplainScoreRequest(program_id=program, lead_id=lead)
    answer = ask(lambda client: client.scores.explain_score(request))
    if as_json:
        print_json(answer)
        return
    found = answer.explanation
    print_sentence(f"{found.lead_id}  {found.sentence}")
    if found.model_id:
        print_sentence(
            f"  {found.baseline:+.3g} in log odds is what everybody has, by {found.model_id}"
        )
    for term in found.terms:
        print_sentence(f"  {term_text(term)}")
    if answer.HasField("prospect"):
        print_sentence(answer.prospect.sentence)


def tell_model(answer: pb.PreviewRankingResponse) -> None:
    """By which model it was ranked, or why not."""
    if answer.model_id:
        print_sentence(f"ranked by {answer.model_id}")
    if answer.model_refusal:
        print_sentence(f"the promoted model does not rank: {answer.model_refusal}")
