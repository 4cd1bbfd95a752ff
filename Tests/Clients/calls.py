"""A few real calls of the client that openapi-python-client makes of Protocol/openapi.yaml: python calls.py AGENT OPERATOR TOKEN CREDENTIAL

The package `consigne_client` is on the path. The credential of the terminal that it plays is left in the file CREDENTIAL. Whatever is not as the text says ends it with status 1.
"""

import hashlib
import secrets
import sys
import time
from http import HTTPStatus

from consigne_client import AuthenticatedClient, Client
from consigne_client.api.agent import agent_health, check_in, enrol, report
from consigne_client.api.operator import change, device, devices, explain, log, me, plan, policy, status
from consigne_client.models import ChangeRequest, EnrolRequest, Problem, Receipt, SyncRequest

agent_url, operator_url, token, credential_file = sys.argv[1:]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def succeeded(response, kind=None):
    """What an answer brought, which must be of the documented kind and not merely a status."""
    assert response.status_code == HTTPStatus.OK, (response.status_code, response.content)
    assert response.parsed is not None and not isinstance(response.parsed, Problem), response.content
    assert kind is None or isinstance(response.parsed, kind), response.parsed
    return response.parsed


def edits(intent: str, *edits: dict) -> ChangeRequest:
    return ChangeRequest.from_dict({"intent": intent, "edits": list(edits)})


with AuthenticatedClient(operator_url, token) as operator, Client(agent_url) as stranger:
    assert succeeded(me.sync_detailed(client=operator)).role.value == "admin"
    ticket, credential = secrets.token_hex(32), secrets.token_hex(32)
    request = edits(
        "clients-" + ticket[:8],
        {"op": "unit.create", "unit": "/clients"},
        {"op": "token.issue", "hash": sha256(ticket), "unit": "/clients", "uses": 1,
         "expires": int(time.time() * 1000) + 3_600_000},
        {"op": "policy.put", "policy": "/clients:base", "body": {"settings": {"maximumTimeToLock": 60000}}},
        {"op": "policy.bind", "policy": "/clients:base", "unit": "/clients"},
    )
    assert succeeded(plan.sync_detailed(client=operator, body=request)).reached == 0
    receipt = succeeded(change.sync_detailed(client=operator, body=request), Receipt)
    assert receipt.changed and "unit/clients" in receipt.created, receipt
    assert succeeded(change.sync_detailed(client=operator, body=request), Receipt).replay

    assert succeeded(agent_health.sync_detailed(client=stranger)).status.value == "up"
    body = EnrolRequest(token=ticket, credential=sha256(credential), serial="S-clients")
    identity = succeeded(enrol.sync_detailed(client=stranger, body=body))
    with open(credential_file, "w", encoding="ascii") as file:
        file.write(credential)
    with AuthenticatedClient(agent_url, credential) as terminal:
        answer = succeeded(check_in.sync_detailed(client=terminal, consigne_have="0.0.-"))
        assert answer.result.value == "full" and answer.document.to_dict() == {"maximumTimeToLock": 60000}, answer
        have = f"{answer.epoch}.{answer.version}.{answer.digest}"
        said = SyncRequest.from_dict({
            "have": have, "report": {"n": 1, "nonCompliance": [{"setting": "maximumTimeToLock", "reason": "API_LEVEL"}]},
            "user": {"revision": 0}, "edits": [{"n": 1, "key": "user.language", "op": "set", "value": "br", "seen": 0}]})
        same = succeeded(report.sync_detailed(client=terminal, body=said))
        assert same.result.value == "same" and same.edits[0].result.value == "applied", same
        idle = check_in.sync_detailed(client=terminal, consigne_have=have, if_none_match=f'W/"{same.tag}"')
        assert idle.status_code == HTTPStatus.NOT_MODIFIED and not idle.content, idle

    shown = succeeded(device.sync_detailed(identity.device, client=operator))
    assert shown.policy.holds == answer.digest and shown.report.n == 1, shown
    assert succeeded(devices.sync_detailed(client=operator, under="/clients", count=True)).total == 1
    assert succeeded(status.sync_detailed(client=operator, under="/clients")).standing.to_dict()
    told = succeeded(explain.sync_detailed(identity.device, client=operator, setting="maximumTimeToLock"))
    assert told.settings["maximumTimeToLock"].value == 60000, told
    state = succeeded(policy.sync_detailed(client=operator, name="/clients:base"))
    assert state.body.settings["maximumTimeToLock"] == 60000, state
    page = succeeded(log.sync_detailed(client=operator, after=0, limit=5))
    assert page.transactions and page.epoch == answer.epoch, page

    refused = policy.sync_detailed(client=operator, name="/clients:nothing")
    assert refused.status_code == HTTPStatus.NOT_FOUND and isinstance(refused.parsed, Problem), refused
    assert refused.parsed.code == "unknown-policy" and refused.parsed.definite, refused.parsed
    wrong = change.sync_detailed(client=operator, body=edits("wrong", {"op": "policy.put", "policy": "/clients:base",
                                                                       "body": {"settings": {"cameraAccess": 7}}}))
    assert wrong.parsed.code == "policy-refused" and wrong.parsed.details[0].field == "cameraAccess", wrong
with AuthenticatedClient(operator_url, "not-a-token") as nobody:
    assert me.sync_detailed(client=nobody).parsed.code == "unauthenticated"
print("the generated client's calls are answered as the text says")
