"""The quotes API in Python: Flask, with Authlib's token introspection (RFC 7662). README.md lists the settings."""

import functools
import json
import logging
import pathlib
import random
import re
import sys
from os import environ

import requests
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import InvalidRequestError, MissingAuthorizationError
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from flask import Flask, abort, jsonify, request
from werkzeug.serving import make_server

missing = [name for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET") if not environ.get(name)]
if missing:
    sys.exit(f"The quotes API cannot start: {', '.join(missing)} is not set.")
ISSUER, CLIENT_ID, CLIENT_SECRET = environ["ISSUER"].rstrip("/"), environ["CLIENT_ID"], environ["CLIENT_SECRET"]
PROJECT_ID = environ.get("PROJECT_ID")
WEB_ORIGIN = environ.get("WEB_ORIGIN", "http://localhost:3000").rstrip("/")
QUOTES = json.loads((pathlib.Path(__file__).parent / "../api/src/quotes.json").read_text("utf-8"))
CALL = {"timeout": 2, "allow_redirects": False}
app = Flask(__name__)


def refuse(status, error, description, headers):
    abort(app.make_response((jsonify(error=error, error_description=description), status, headers)))


@functools.cache  # exceptions are not cached, so a failed discovery is tried again
def introspection_endpoint():
    answer = requests.get(f"{ISSUER}/.well-known/openid-configuration", **CALL)
    answer.raise_for_status()
    return answer.json()["introspection_endpoint"]


class Introspection(IntrospectTokenValidator):
    def introspect_token(self, token_string):
        api = OAuth2Session(CLIENT_ID, CLIENT_SECRET, revocation_endpoint_auth_method="client_secret_basic")
        try:
            answer = api.introspect_token(introspection_endpoint(), token_string, "access_token", **CALL)
            if answer.status_code in (400, 401, 403):
                app.logger.error("%s refused the credentials of this API: %s", ISSUER, answer.text)
                text = "This API cannot check access tokens because of its own settings. "
                refuse(500, "server_error", text + "Its operator finds the cause in the log.", {})
            answer.raise_for_status()
            return answer.json()
        except requests.RequestException as error:
            app.logger.error("%s", error)
            text = "The access token cannot be checked right now. Try again shortly with the same token."
            refuse(503, "temporarily_unavailable", text, {"Retry-After": "1"})

    def validate_token(self, token, scopes, request):
        audience = token.get("aud", [])
        if not token["active"]:
            text = "The access token is expired, revoked or not meant for this API. Refresh it or sign in again, "
            raise InvalidTokenError(text + "and ask for this API's project in the audience.")
        if PROJECT_ID and PROJECT_ID not in ([audience] if isinstance(audience, str) else audience):
            raise InvalidTokenError(f"The access token is not for this API. Ask for the audience {PROJECT_ID}.")
        if "cnf" in token:  # Authlib cannot check the proof that such a token needs (RFC 7800 §3.1).
            raise InvalidTokenError("The access token is bound to a key. This API takes bearer tokens only.")
        super().validate_token(token, scopes, request)


class Protector(ResourceProtector):
    def parse_request_authorization(self, request):
        header = request.headers.get("Authorization", "").strip()
        if not re.match(r"bearer(\s|$)", header, re.IGNORECASE):
            raise MissingAuthorizationError()
        if not re.fullmatch(r"\w+ +[A-Za-z0-9._~+/-]+=*", header) or "access_token" in request.req.args:
            raise InvalidRequestError("Send one access token, as: Authorization: Bearer <access token>.")
        return super().parse_request_authorization(request)

    def raise_error_response(self, error):
        if isinstance(error, MissingAuthorizationError):
            text = "This API needs an access token. Send: Authorization: Bearer <access token>."
            refuse(401, "missing_token", text, {"WWW-Authenticate": 'Bearer realm="api"'})
        challenge = f'Bearer realm="api", error="{error.error}", error_description="{error.description}"'
        refuse(error.status_code, error.error, error.description, {"WWW-Authenticate": challenge})


require_oauth = Protector()
require_oauth.register_token_validator(Introspection())


@app.get("/api/quote")
@require_oauth()  # or @require_oauth("quotes:read"), which answers 403 without that scope
def quote():
    return jsonify(random.choice(QUOTES))


@app.get("/api/introspection")
@require_oauth()
def introspection():
    note = "The API sent its client id and secret in the Authorization header."
    sent = {"method": "client_secret_basic", "header": f"Authorization: Basic {CLIENT_ID}:••••••", "note": note}
    return jsonify(authentication=sent, answer=dict(current_token))


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


@app.before_request
def answer_preflight():
    return ("", 204) if "Access-Control-Request-Method" in request.headers else None


@app.after_request
def add_headers(response):
    response.vary.add("Origin")
    if request.path.startswith("/api/"):
        response.headers["Cache-Control"] = "no-store"
    if request.headers.get("Origin") == WEB_ORIGIN:
        response.headers["Access-Control-Allow-Origin"] = WEB_ORIGIN
        response.headers["Access-Control-Allow-Headers"] = "Authorization"
        response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, Retry-After"
    return response


@app.errorhandler(404)
@app.errorhandler(405)
def not_found(_error):
    return jsonify(error="not_found", error_description="Try GET /api/quote with an access token."), 404


@app.errorhandler(Exception)
def server_error(error):
    app.logger.exception(error)
    return jsonify(error="server_error", error_description="The API failed; its log says why."), 500


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    host, port = environ.get("HOST", "localhost"), int(environ.get("PORT", "5000"))
    server = make_server(host, port, app, threaded=True)
    print(f"Quotes API listening on http://{host}:{server.server_port}, tokens checked by {ISSUER}", flush=True)
    server.serve_forever()
