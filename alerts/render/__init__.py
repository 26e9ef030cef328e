"""From an alert to words: messages, sentences and labels in Dutch and English."""

from alerts.render.alert import alert_text
from alerts.render.catalogue import LANGUAGES, language_of
from alerts.render.mail import html, subject, text
from alerts.render.sentence import why_sentence
from alerts.render.words import band_words, date_words, expected_words, reason_words, recurrence_words

__all__ = [
    "LANGUAGES",
    "alert_text",
    "band_words",
    "date_words",
    "expected_words",
    "html",
    "language_of",
    "reason_words",
    "recurrence_words",
    "subject",
    "text",
    "why_sentence",
]
