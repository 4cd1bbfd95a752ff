import Dispatch
import SyncClient
import SyncCore
import SyncProtocol

/// One operator of a tug of war: looks at shared policies, edits what he saw, and now and then sends twice.
struct Contender: Sendable {
    let name: String
    let client: OperatorClient
    let policies: [PolicyReference]
    /// Puts he makes.
    let rounds: Int
    let seed: UInt64

    func play() async throws -> [History.Operation] {
        var generator = SplitMix64(seed: seed)
        var seen: [PolicyReference: JSONValue] = [:]
        var operations: [History.Operation] = []
        for round in 0..<rounds {
            let policy = policies[Int.random(in: policies.indices, using: &generator)]
            // Who looks seldom edits what is no longer so.
            if seen[policy] == nil || Int.random(in: 0..<3, using: &generator) == 0 {
                seen[policy] = try await client.get("/v1/policy", [("name", policy.description)])
            }
            guard let known = seen[policy] else { continue }
            let mode = [ConflictMode.strict, .strict, .merge, .force][Int.random(in: 0..<4, using: &generator)]
            let request = ChangeRequest(
                intent: "\(name)-\(round)", reason: mode == .force ? "tug of war" : nil, mode: mode,
                edits: [
                    .putPolicy(
                        policy, Self.edited(known["body"] ?? .object([:]), using: &generator),
                        base: Seq(known["revision"]?.integer ?? 0))
                ])
            operations.append(try await send(request, policy, Seq(known["revision"]?.integer ?? 0)))
            if Int.random(in: 0..<5, using: &generator) == 0, case .accepted? = operations.last?.outcome {
                try await sendAgain(request, operations)
            }
        }
        return operations
    }

    private func send(
        _ request: ChangeRequest, _ policy: PolicyReference, _ base: Seq
    ) async throws -> History.Operation {
        let invoked = DispatchTime.now().uptimeNanoseconds
        let outcome = try await outcome(of: request)
        return History.Operation(
            author: name, intent: request.intent, policy: policy, base: base, mode: request.mode, invoked: invoked,
            completed: DispatchTime.now().uptimeNanoseconds, outcome: outcome)
    }

    private func outcome(of request: ChangeRequest) async throws -> History.Outcome {
        do {
            let receipt = try await client.change(request)
            let last = receipt["changed"] == .bool(true) ? receipt["seq"]?.integer.map { Seq($0) } : nil
            return .accepted(last: last)
        } catch OperatorClient.Failure.refused(let refusal) where refusal.isDefinite {
            guard ["conflict", "merge-refused", "busy"].contains(refusal.code) else {
                throw OperatorClient.Failure.refused(refusal)
            }
            return .refused(
                refusal.details.compactMap { detail in
                    guard let key = detail["setting"]?.string, let seq = detail["seq"]?.integer else { return nil }
                    return History.Clash(key: key, seq: Seq(seq))
                })
        } catch {
            return .unknown
        }
    }

    /// The same request again changes nothing and has the same answer.
    private func sendAgain(_ request: ChangeRequest, _ operations: [History.Operation]) async throws {
        guard case .accepted(let last)? = operations.last?.outcome else { return }
        let again = try await client.change(request)
        guard again["replay"] == .bool(true), last == nil || again["seq"]?.integer == last.map({ Int64($0) }) else {
            throw Repeated(intent: request.intent)
        }
    }

    /// A replayed intent was not answered from the log.
    struct Repeated: Error {
        let intent: String
    }

    /// Some settings other than they were: plain ones, a set, and keyed records.
    private static func edited(_ body: JSONValue, using generator: inout SplitMix64) -> JSONValue {
        var settings = body["settings"]?.object ?? [:]
        for key in settingsInPlay.keys.sorted() where Int.random(in: 0..<3, using: &generator) == 0 {
            let values = settingsInPlay[key] ?? []
            let drawn = Int.random(in: 0...values.count, using: &generator)
            settings[key] = drawn == values.count ? nil : values[drawn]
        }
        return .object(["settings": .object(settings), "enforced": body["enforced"] ?? .array([])])
    }

    private static let settingsInPlay: [String: [JSONValue]] = [
        "cameraAccess": ["CAMERA_ACCESS_DISABLED", "CAMERA_ACCESS_USER_CHOICE", "CAMERA_ACCESS_ENFORCED"].map(
            JSONValue.string),
        "maximumTimeToLock": [30_000, 60_000, 120_000, 300_000].map(JSONValue.integer),
        "accountTypesWithManagementDisabled": [["fr.a"], ["fr.b"], ["fr.a", "fr.c"]].map {
            .array($0.map(JSONValue.string))
        },
        "applications": [("fr.a", "BLOCKED"), ("fr.a", "AVAILABLE"), ("fr.b", "FORCE_INSTALLED")].map { name, type in
            .array([.object(["packageName": .string(name), "installType": .string(type)])])
        },
    ]
}
