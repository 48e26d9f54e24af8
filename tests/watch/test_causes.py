"""What is one trouble though its reason goes by several names."""

from mrr.watch import told
from tests.watch.test_alerts import HOUR, MINUTE, NOON, Desk, seen


def test_an_objective_whose_main_reason_changes_is_one_alert() -> None:
    for first, later in (("gateway:declined", "gateway:payment"), ("gateway:payment", "gateway:declined")):
        desk = Desk()
        desk.turn(NOON, seen("slo.payment", first))
        desk.turn(NOON + MINUTE, seen("slo.payment", later))
        assert (desk.only().cause, desk.only().state) == (first, "open")
        assert [finding.cause for finding in desk.only().findings] == [later]
    # Nor does what a person resolved come again under another name.
    desk = Desk()
    desk.turn(NOON, seen("slo.payment", "gateway:declined"))
    desk.happen(NOON + MINUTE, (1, told.Resolved("the gateway is back")), actor="ada")
    desk.turn(NOON + HOUR, seen("slo.payment", "gateway:payment"))
    assert desk.only().state == "resolved"
    # Two reasons that are named are two, and so are two that are there at once.
    declined = seen("slo.payment", "gateway:declined")
    for found in ([seen("slo.payment", "gateway:expired")], [declined, seen("slo.payment", "gateway:payment")]):
        desk = Desk()
        desk.turn(NOON, declined)
        desk.turn(NOON + MINUTE, *found)
        assert len(desk.board.alerts) == 2
