"""What becomes of reports and alerts as years go by, in an installation that runs on."""

from housing import TOWN, House


def test_years_later_neither_the_reports_nor_the_alert_on_them_are_kept(house: House) -> None:
    alert = house.alert
    house.work.retention()
    assert house.alert == alert
    assert house.installation.reports.counts()[0].reports > 6

    house.clock.forward(days=3 * 366 + 30)  # reports are kept for three years
    assert house.work.look_again(TOWN), "the pattern goes quiet, which is the last that happens to the alert"
    house.work.retention()
    assert house.installation.reports.counts() == []
    assert house.alert.id == alert.id

    house.clock.forward(days=4 * 365)  # alerts for five, from the last that happened to them
    house.work.retention()
    assert house.alert.id == alert.id
    house.clock.forward(days=2 * 365)
    house.work.retention()
    assert house.installation.alerts.list().alerts == ()
    assert len(house.audited("alerts_deleted")) == 1
