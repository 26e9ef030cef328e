"""The page of one alert: what it shows, as view models made by pure functions, and what people do on it."""
