from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from alerts.message import Message, Reason
from alerts.render import LANGUAGES, html, reason_words, subject, text

Make = Callable[..., Message]


class Page(HTMLParser):
    """What a page says, links to and would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data.strip())


def test_the_subject_says_that_there_is_something_and_no_more(make_message: Make) -> None:
    assert subject(make_message(Reason.FIRST)) == "Patroonwacht: een signaal vraagt uw aandacht"
    assert subject(make_message(Reason.FIRST, Reason.BACK)) == "Patroonwacht: 2 signalen vragen uw aandacht"
    assert subject(make_message(Reason.FIRST, language="en")) == "Patroonwacht: an alert asks for your attention"


def test_the_text_in_dutch(make_message: Make) -> None:
    assert text(make_message(Reason.FIRST, Reason.RELEASED)) == (
        "Goedendag,\n"
        "\n"
        "Er zijn 2 signalen die uw aandacht vragen.\n"
        "\n"
        "* Nieuw signaal\n"
        "  Gemeente: Voorbeeldstad\n"
        "  Open het signaal: https://console.example/alerts/a1\n"
        "\n"
        "* Het meldpunt heeft dit signaal vrijgegeven\n"
        "  Gemeente: Voorbeeldstad\n"
        "  Open het signaal: https://console.example/alerts/a2\n"
        "\n"
        "Dit bericht zegt niets over de plek of over de mensen om wie het gaat, omdat\n"
        "anderen een bericht kunnen lezen of doorsturen. Meld u aan om te zien waar\n"
        "het over gaat.\n"
        "\n"
        "Een signaal betekent dat er meer meldingen binnenkwamen dan gewoonlijk. Het\n"
        "is geen oordeel over een gebied, een groep of een persoon.\n"
        "\n"
        "--\n"
        "Automatisch verzonden door Patroonwacht. Kenmerk: msg_01HZX5\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_text_and_html_say_the_same(make_message: Make, language: str, reason: Reason) -> None:
    message = make_message(reason, language=language)
    page = Page(html(message))
    said = " ".join(page.said)
    for words in (reason_words(reason, language), message.items[0].municipality_name, message.id):
        assert words in text(message)
        assert words in said
    assert message.items[0].link in text(message)
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a"] == [message.items[0].link]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_can_be_read_aloud(make_message: Make, language: str) -> None:
    page = Page(html(make_message(Reason.FIRST, Reason.GROWN, language=language)))
    tags = [tag for tag, _ in page.tags]
    assert not {"img", "script", "link", "iframe", "object", "form"} & set(tags)
    assert not any(
        {"src", "background", "onclick"} & attrs.keys() or "url(" in (attrs.get("style") or "") for _, attrs in page.tags
    )
    assert ("html", {"lang": language}) in page.tags
    assert tags.count("h1") == 1
    assert tags.count("h2") == 2
    assert all(attrs.get("role") == "presentation" for tag, attrs in page.tags if tag == "table")
    # Two links that lead to different places do not read the same.
    links = [words for words in page.said if words.startswith(("Meld u aan en open", "Sign in and open"))]
    assert len(set(links)) == 2


def test_a_name_cannot_become_markup(make_message: Make) -> None:
    message = make_message(Reason.FIRST, name="<b onclick=x>&amp;</b>")
    page = Page(html(message))
    assert "b" not in {tag for tag, _ in page.tags}
    assert "<b onclick=x>&amp;</b>" in text(message)


def test_a_language_that_is_not_there_gets_dutch(make_message: Make) -> None:
    assert text(make_message(Reason.FIRST, language="fy")) == text(make_message(Reason.FIRST))
