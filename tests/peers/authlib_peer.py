"""An application and an API written with Authlib, unmodified: reads what to do from stdin, tells what it got on stdout."""

import json
import sys
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlparse

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken, UserInfo

TIMEOUT = 20


class FormReader(HTMLParser):
    """The action and the named fields of the first form of a page."""

    def __init__(self):
        super().__init__()
        self.action = None
        self.fields = {}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = attrs.get("action", "")
        if tag in ("input", "button") and attrs.get("name"):
            self.fields.setdefault(attrs["name"], attrs.get("value", ""))


def sign_in(url, issuer, person):
    """Goes through the pages as a browser with a cookie jar would; returns the address of the callback."""
    browser = requests.Session()
    answer = browser.get(url, allow_redirects=False, timeout=TIMEOUT)
    for _ in range(12):
        if answer.is_redirect:
            url = urljoin(url, answer.headers["location"])
            if not url.startswith(issuer + "/"):
                return url
            answer = browser.get(url, allow_redirects=False, timeout=TIMEOUT)
            continue
        page = FormReader()
        page.feed(answer.text)
        if page.action is None:
            raise RuntimeError("no form on %s (%d)" % (url, answer.status_code))
        given = {name: person[name] for name in ("loginName", "password") if name in page.fields}
        url = urljoin(url, page.action)
        answer = browser.post(
            url,
            data={**page.fields, **given},
            headers={"origin": issuer, "sec-fetch-site": "same-origin"},
            allow_redirects=False,
            timeout=TIMEOUT,
        )
    raise RuntimeError("the sign-in did not end")


def session_of(client, metadata, **more):
    """A session that authenticates as the client was registered."""
    if "keyFile" in client:
        key = JsonWebKey.import_key(client["keyFile"]["key"], {"kty": "RSA", "kid": client["keyFile"]["keyId"]})
        session = OAuth2Session(
            client["clientId"],
            key,
            token_endpoint_auth_method="private_key_jwt",
            revocation_endpoint_auth_method="private_key_jwt",
            **more,
        )
        session.register_client_auth_method(PrivateKeyJWT(metadata["issuer"]))
        return session
    return OAuth2Session(
        client["clientId"], client["clientSecret"], token_endpoint_auth_method="client_secret_basic", **more
    )


def verify_id_token(token, metadata, client, nonce):
    """Checks the ID token by Authlib's own rules (OpenID Connect Core 3.1.3.7)."""
    keys = JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"], timeout=TIMEOUT).json())
    claims = jwt.decode(
        token["id_token"],
        keys,
        claims_cls=CodeIDToken,
        claims_options={
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": client["clientId"]},
        },
        claims_params={"nonce": nonce, "client_id": client["clientId"], "access_token": token["access_token"]},
    )
    claims.validate(leeway=30)
    return dict(claims)


def run(task):
    issuer, client, api, robot = task["issuer"], task["client"], task["api"], task["robot"]
    metadata = requests.get(issuer + "/.well-known/openid-configuration", timeout=TIMEOUT).json()
    verifier, nonce = task["verifier"], "nonce-of-authlib"
    session = session_of(
        client, metadata, scope=task["scope"], redirect_uri=client["redirectUri"], code_challenge_method="S256"
    )
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    callback = sign_in(url, issuer, task["person"])
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier
    )
    result = {
        "callback": {name: values[0] for name, values in parse_qs(urlparse(callback).query).items()},
        "idToken": verify_id_token(token, metadata, client, nonce),
        "userinfo": dict(UserInfo(session.get(metadata["userinfo_endpoint"]).json())),
        "first": dict(token),
    }

    def introspect(text):
        asker = session_of(api, metadata)
        answer = asker.introspect_token(metadata["introspection_endpoint"], token=text)
        return {"status": answer.status_code, "body": answer.json()}

    result["introspected"] = introspect(token["access_token"])
    second = dict(session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"]))
    result["second"] = second
    revoked = session.revoke_token(
        metadata["revocation_endpoint"], token=second["refresh_token"], token_type_hint="refresh_token"
    )
    result["revoked"] = revoked.status_code
    result["afterRevocation"] = introspect(second["access_token"])
    machine = session_of(robot, metadata)
    result["machine"] = dict(
        machine.fetch_token(
            metadata["token_endpoint"], grant_type="client_credentials", scope=task["machineScope"]
        )
    )
    result["machineIntrospected"] = introspect(result["machine"]["access_token"])
    return result


json.dump(run(json.load(sys.stdin)), sys.stdout)
