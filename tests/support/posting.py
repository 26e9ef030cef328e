"""The delivering side of a test: three destinations that keep what they get."""

import numpy as np
from alerting import Clock, Recorder
from sqlalchemy import Engine

from alerts.delivery import DeliveryReport, deliver_due
from alerts.settings import DeliverySettings

SETTINGS = DeliverySettings(jitter=0)


class Post:
    """The delivering side of a test."""

    def __init__(self, engine: Engine, clock: Clock, settings: DeliverySettings = SETTINGS) -> None:
        self.engine, self.clock, self.settings = engine, clock, settings
        self.adv, self.heiveen, self.duinrade = Recorder(), Recorder(), Recorder()
        self.rng = np.random.default_rng(7)

    def deliver(self) -> DeliveryReport:
        channels = {"adv": self.adv, "heiveen": self.heiveen, "duinrade": self.duinrade}
        return deliver_due(self.engine, channels, self.clock, self.rng, self.settings)
