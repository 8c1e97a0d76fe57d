"""What an import did, or would do, as both of its commands tell it."""

from outreach.campaign.v1 import lead_list_service_pb2 as pb_lists
from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.campaign.v1 import operation_pb2

from outreach_client.formats.output import print_json, print_rows, print_sentence


def tell_import(
    answer: pb.ImportLeadsResponse, *, would: bool, as_json: bool, campaign_id: str = ""
) -> None:
    """Print it; `would` is of a validation, and without a campaign it was one of a list."""
    if as_json:
        print_json(answer)
        return
    print_sentence(
        f"{answer.imported} of {answer.rows} rows {'would be ' if would else ''}imported,"
        f" {_duplicates(answer.duplicates)} ({answer.duplicates_in_list} in the file),"
        f" {answer.rejected} rejected"
    )
    if would:
        suppressed = answer.suppressed if answer.HasField("suppressed") else "nobody knows how many"
        held = f"{answer.held_back} would be held back, " if campaign_id else ""
        others = "other campaigns" if campaign_id else "campaigns"
        print_sentence(
            f"{held}{answer.in_running_campaigns} are in {others}, {suppressed} suppressed"
        )
    elif answer.released or answer.held_back:
        print_sentence(
            f"{answer.released} released, {answer.held_back} held back:"
            f" outreach leads list {campaign_id} --state held-back"
        )
    tell_foreseen(answer, would=would)
    chosen = sorted(answer.column_by_field.items())
    columns = ", ".join(f"{name} = {header}" for name, header in chosen)
    print_sentence(f"Read as {answer.encoding}; {columns}")
    if answer.earlier_import_id:
        print_sentence(f"The same file was imported before: {answer.earlier_import_id}")
    if answer.examples:
        print_rows(answer.examples, title="examples")
    if answer.row_errors:
        print_rows(answer.row_errors, title="rejected rows")
    if answer.row_notes:
        print_rows(answer.row_notes, title="notes")


def tell_filling(operation: operation_pb2.Operation) -> None:
    """Print what an import into a list came to."""
    told = operation.lead_import
    if told.failure:
        print_sentence(f"{operation.operation_id} failed: {told.failure}")
    else:
        print_sentence(
            f"{told.imported} of {told.rows} rows imported, {told.duplicates} there already,"
            f" {told.rejected} rejected"
        )
    if told.row_errors:
        print_rows(told.row_errors, title="rejected rows")


def tell_foreseen(
    answer: pb.ImportLeadsResponse | pb_lists.AddLeadListResponse, *, would: bool
) -> None:
    """Print what is foreseen of leads that go in: at which clock, and what stands in for values."""
    if answer.clocks_not_kept:
        told = "may be written to at night: the hours never meet the day at their clocks"
        print_sentence(f"{answer.clocks_not_kept} {told}")
    if answer.fallbacks:
        uses = ", ".join(f"{each.variable} for {each.leads}" for each in answer.fallbacks)
        print_sentence(f"Fallbacks {'would ' if would else ''}stand in: {uses}")


def _duplicates(count: int) -> str:
    return f"{count} duplicate{'' if count == 1 else 's'}"
