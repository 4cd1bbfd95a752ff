import HashTreeCollections
import SyncCore

/// A World as text, so that it can stand for the entries that made it.
///
/// One canonical JSON object a line, one line a thing, things of one kind in order: equal Worlds give equal lines. What
/// follows from other lines (cohorts, who has which credential) is not written, and the epoch is not: a restored log
/// has another one. Law: the World read back gives the same lines, the same documents, and the same outcome of any
/// change.
extension World {
    /// Rises when a line comes to mean something else.
    static let linesFormat: Int64 = 1

    var lines: some Sequence<[UInt8]> {
        Self.text(
            policyLines + [
                AnySequence(tokens.values.sorted { $0.id < $1.id }.lazy.flatMap(\.lines)),
                AnySequence(devices.values.sorted { $0.id < $1.id }.lazy.map(\.line)),
            ])
    }

    /// The lines of all but tokens and devices, which are most of them.
    var linesWithoutFleet: some Sequence<[UInt8]> { Self.text(policyLines) }

    private static func text(_ kinds: [AnySequence<JSONValue>]) -> some Sequence<[UInt8]> {
        kinds.lazy.joined().map { CanonicalWriter.bytes(of: $0) + [UInt8(ascii: "\n")] }
    }

    private var policyLines: [AnySequence<JSONValue>] {
        [
            AnySequence([headLine]),
            AnySequence(units.nodes.lazy.filter { $0.path != .root }.map { Self.line("unit", $0.path.text, [:]) }),
            AnySequence(operators.values.sorted { $0.name < $1.name }.map(line)),
            AnySequence(formerOperators.map { Self.line("formerOperator", $0.text, [:]) }),
            AnySequence(spentTokens.map(\.description).sorted().map { Self.line("spentToken", $0, [:]) }),
            AnySequence(policies.values.sorted { $0.id < $1.id }.flatMap(\.lines)),
            AnySequence(assignments.sorted { $0.key < $1.key }.map { Self.line($0.key, $0.value) }),
        ]
    }

    private var headLine: JSONValue {
        var members: [String: JSONValue] = [
            "format": .integer(Self.linesFormat), "seq": .integer(Int64(seq)),
            "policySeq": .integer(Int64(policySeq)),
        ]
        members["catalog"] = activatedCatalog.map { .string($0.description) }
        return .object(members)
    }

    /// Names that were in use and are nobody's now.
    private var formerOperators: [OperatorName] { operatorNames.filter { operators[$0] == nil }.sorted() }

    private func line(_ appointed: Operator) -> JSONValue {
        let hash = operatorTokens.first { $0.value == appointed.name }?.key ?? Digest(hashing: [UInt8]())
        return Self.line("operator", appointed.name.text, .operatorAppointed(appointed, tokenHash: hash))
    }

    private static func line(_ id: AssignmentID, _ assignment: Assignment) -> JSONValue {
        line("assignment", id.description, .bound(id, assignment))
    }

    /// A thing in the words that the log has for it.
    private static func line(_ kind: String, _ id: String, _ change: Change) -> JSONValue {
        line(kind, id, change.line.value?.object ?? [:])
    }

    static func line(_ kind: String, _ id: String, _ members: [String: JSONValue]) -> JSONValue {
        .object(members.merging(["kind": .string(kind), "id": .string(id)]) { $1 })
    }
}
