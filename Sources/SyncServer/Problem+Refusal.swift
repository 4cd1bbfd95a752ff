import SyncCore
import SyncEngine

extension Problem {
    /// What a refusal of the engine is in HTTP.
    init(_ refusal: Refusal) {
        switch refusal {
        case .denied(.outside(let path)):
            // Somebody else's unit is as unknown as one that does not exist.
            self.init(404, "unknown-unit", "there is no unit \(path) in your part of the tree")
        case .denied(let denial): self.init(403, "not-allowed", "\(denial)")
        case .unknownUnit(let path): self.init(404, "unknown-unit", "there is no unit \(path) in your part of the tree")
        case .unitExists(let path): self.init(409, "unit-exists", "the unit \(path) exists already")
        case .unknownPolicy(let reference): self.init(404, "unknown-policy", "there is no policy \(reference)")
        case .policyRefused(let reference, let problems):
            self.init(
                422, "policy-refused", "the policy \(reference) is refused", details: problems.problems.map(\.json))
        case .constraintBroken(let broken):
            self.init(
                422, "constraint-broken", "the policies together would break a constraint", details: broken.map(\.json))
        case .conflicting(let conflicts):
            self.init(
                409, "conflict",
                "others wrote to \(conflicts.count) of these settings since you looked; nothing was done",
                details: conflicts.map(\.json))
        case .mergeRefused(let reference, let problems):
            self.init(
                422, "merge-refused", "your edit of \(reference) and others' are right alone and wrong together",
                details: problems.problems.map(\.json))
        case .loosensByFacts(let reference, let problems):
            self.init(
                422, "loosens-by-facts",
                "\(reference) is bound by what devices report, so that it may only tighten; bind what is strict to all, "
                    + "and loosen by tags", details: problems.map(\.json))
        case .baseAhead(let base, let head):
            self.init(
                409, "base-ahead",
                "base: found \(base), expected at most \(head), the head of this log; it was restored or is another")
        case .otherEpoch(let epoch, let current):
            self.init(
                409, "log-restored",
                "epoch: found \(epoch), expected \(current); a backup was restored since you looked: look again")
        case .momentAhead(let seq, let head):
            self.init(400, "malformed", "query at: found \(seq), expected at most \(head), the head of this log")
        case .compacted(let floor):
            self.init(
                410, "compacted", "the log is kept from position \(floor) on; what came before was forgotten",
                floor: floor)
        case .noConflict(let reference, let what):
            self.init(404, "no-conflict", "there is no conflict on \(what) in \(reference)")
        case .reasonNeeded: self.init(400, "reason-needed", "reason: found nothing, expected why you force this")
        case .unknownAssignment(let id): self.init(404, "unknown-assignment", "there is no assignment \(id)")
        case .incidentTime(let end, let now):
            self.init(
                422, "incident-time",
                "incidentUntil: found \(end), expected a time after \(now) and within \(Limits.incidentMilliseconds / 86_400_000) days"
            )
        case .unknownToken(let name): self.init(404, "unknown-token", "there is no token \(name)")
        case .tokenExists: self.init(409, "token-exists", "this token's hash is in use already")
        case .tokenExpired: self.init(403, "token-expired", "the token's time is over")
        case .tokenSpent: self.init(403, "token-spent", "the token was redeemed as often as it may be")
        case .tokenRevoked: self.init(403, "token-revoked", "the token or the identity it gave was revoked")
        case .unknownDevice(let name): self.init(404, "unknown-device", "there is no device \(name)")
        case .notEnrolled(let id, let state): self.init(409, "not-enrolled", "the device \(id) is \(state.rawValue)")
        case .replacementRefused(let id, let old, let rejection):
            self.init(
                422, "replacement-refused",
                "what is set on \(old) has no room beside what is set on \(id): expected \(rejection.expected)",
                details: [
                    .object([
                        "field": .string("device.replace"), "value": .string("\(old) by \(id)"),
                        "expected": .string(rejection.expected),
                    ])
                ])
        case .userEditRefused(let id, let edit, let rejection):
            let found = edit.value.map(CanonicalWriter.text) ?? "nothing"
            self.init(
                422, "user-edit-refused",
                "\(edit.operation.rawValue) \(edit.key) on \(id): \(rejection.reason.rawValue): found "
                    + "\(found.prefix(80)), expected \(rejection.expected)",
                details: [
                    .object([
                        "field": .string(edit.key), "value": .string(String(found.prefix(80))),
                        "expected": .string(rejection.expected), "reason": .string(rejection.reason.rawValue),
                    ])
                ])
        case .serialInUse:
            self.init(
                403, "serial-in-use",
                "another device of this agency has this serial number: have it revoked, or retired where it is gone")
        case .serialMismatch(let expected):
            self.init(403, "serial-mismatch", "serial: the token is for another terminal, expected \(expected)")
        case .credentialTaken:
            self.init(409, "credential-taken", "this secret is, or once was, a credential or a token: make another")
        case .lotRefused(let rows):
            self.init(422, "lot-refused", "no row of the lot was taken", details: rows.map(\.json))
        case .operatorExists(let name): self.init(409, "operator-exists", "the name \(name) is or was in use")
        case .unknownOperator(let name): self.init(404, "unknown-operator", "there is no operator \(name)")
        case .lastAdmin:
            self.init(409, "last-admin", "nobody would be left to administer / with a token that does not expire")
        case .intentReused(let intent):
            self.init(422, "intent-reused", "the intent \(intent) was used for another request")
        case .planStale(let drift):
            self.init(
                409, "plan-stale",
                "the plan was made at \(drift.plannedSeq), the log is at \(drift.currentSeq) and it would do other things now",
                details: drift.moved.map(JSONValue.string))
        case .tooMuchWork(let found):
            self.init(422, "too-much-work", "edits: found \(found); split the change set")
        case .busy: self.init(503, "busy", "the policies keep changing; try again", retryAfter: 1)
        case .overloaded:
            self.init(503, "busy", "as much is being worked out as may be; try again", retryAfter: 5)
        case .storeFull:
            self.init(503, "store-full", "the server's disk has no room; nothing was done", retryAfter: 30)
        case .unreadable(let what):
            self.init(500, "unreadable", "\(what) is damaged in the server's store; nothing was done")
        case .unavailable:
            self.init(503, "unavailable", "the server takes no changes now", isDefinite: false, retryAfter: 5)
        }
    }
}

extension PolicyProblem {
    fileprivate var json: JSONValue {
        .object([
            "code": .string(code.rawValue), "field": .string(path), "value": .string(value),
            "expected": .string(expected),
        ])
    }
}

extension Conflict {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "policy": .string(policy.description), "setting": .string(key), "base": .integer(Int64(base)),
            "author": .string(written.author), "seq": .integer(Int64(written.seq)),
            "received": .integer(written.received),
        ]
        if !isStanding { members["sibling"] = .bool(true) }
        if isForgotten { members["forgotten"] = .bool(true) }
        members["seen"] = seen?.json
        members["yours"] = yours?.json
        members["theirs"] = theirs?.json
        return .object(members)
    }
}

extension Refusal.BrokenConstraint {
    fileprivate var json: JSONValue {
        .object([
            "field": .string(setting), "value": .string(CanonicalWriter.text(of: record)),
            "expected": .string(constraint), "policies": .array(policies.map(JSONValue.string)),
        ])
    }
}

extension TightenOnly.Problem {
    fileprivate var json: JSONValue {
        .object([
            "field": .string(key), "value": .string(CanonicalWriter.text(of: value)), "expected": .string(expected),
        ])
    }
}

extension Refusal.LotProblem {
    fileprivate var json: JSONValue {
        .object([
            "row": .integer(Int64(row)), "field": .string(field), "value": .string(value),
            "expected": .string(expected),
        ])
    }
}
