import ArgumentParser
import Foundation
import SyncClient
import SyncCore

/// A binding of a policy at the place that it is pushed to, for other devices there or until another time.
///
/// To push a policy with another selector binds it once more. Whoever meant to move it would leave the first binding
/// in force unseen, so that a push says which it is.
struct StandingBinding {
    /// What becomes of it.
    enum Choice: EnumerableFlag {
        case replace, add

        static func help(for value: Choice) -> ArgumentHelp? {
            switch value {
            case .replace: "What is bound there already, to other devices or until another time, is unbound."
            case .add: "What is bound there already stays as it is."
            }
        }
    }

    let id: AssignmentID
    let words: String

    /// What a binding would stand beside; nothing if it is there already.
    static func others(
        than edit: Edit, of policy: PolicyReference, over connection: Connection
    ) async throws -> [StandingBinding] {
        guard case .bind(_, let target, let selector, let end) = edit else { return [] }
        let rows =
            try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/assignments", [("policy", policy.description)])
            }["assignments"]?.array ?? []
        let there = rows.filter { row in
            let isIncident = row["incidentUntil"] != nil
            return isIncident == (end != nil) && row[target.member]?.string == target.name
        }
        let isBound = there.contains { row in
            row["selector"]?.string == selector?.description && row["incidentUntil"]?.integer == end
        }
        guard !isBound else { return [] }
        return there.compactMap { row in
            guard let id = row["assignment"]?.string.flatMap({ AssignmentID($0) }) else { return nil }
            let selector = row["selector"].map { "for \(Cell.whole($0))" } ?? "for every device"
            let until = row["incidentUntil"].map { " until \(Time.text(of: $0))" } ?? ""
            return StandingBinding(id: id, words: "\(id), \(selector)\(until)")
        }
    }

    /// The edits that take others away, if that is what the operator wants.
    static func replaced(
        _ others: [StandingBinding], _ choice: Choice?, of policy: PolicyReference, isSilent: Bool
    ) throws -> [Edit] {
        guard !others.isEmpty else { return [] }
        let list = others.map { "  " + $0.words }.joined(separator: "\n")
        var choice = choice
        if choice == nil, !isSilent, isatty(STDIN_FILENO) == 1 {
            Terminal.complain("\(policy) is bound there already:\n\(list)")
            switch Terminal.ask("Replace that, add to it, or do nothing? [r/a/N] ") {
            case "r", "replace": choice = .replace
            case "a", "add": choice = .add
            default: throw Failure(.dataRefused, "nothing was done")
            }
        }
        switch choice {
        case .replace: return others.map { .unbind($0.id) }
        case .add: return []
        case nil:
            throw Failure(
                .dataRefused,
                "\(policy) is bound there already:\n\(list)\n  say --replace to unbind that, or --add to leave it as it is; "
                    + "nothing was done")
        }
    }
}

extension Assignment.Target {
    fileprivate var member: String {
        switch self {
        case .unit: "unit"
        case .device: "device"
        }
    }

    fileprivate var name: String {
        switch self {
        case .unit(let path): path.text
        case .device(let id): id.description
        }
    }
}
