"""Signing in at an identity provider (OpenID Connect Core 1.0: code flow with PKCE)."""
