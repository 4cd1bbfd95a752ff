import SyncCore
import SyncProtocol

/// A handset's own copy of its user document: what the server has answered for, and edits that wait for an answer.
///
/// Invariant: an edit leaves `waiting` only when it was answered, or is in a document that came from the server.
public struct UserReplica: Sendable {
    public private(set) var revision: Seq = 0
    /// Number of the last edit that was answered.
    public private(set) var number: UInt64 = 0
    /// What the server has, as far as it told.
    public private(set) var confirmed: [String: JSONValue] = [:]
    public private(set) var waiting: [DeviceEdit] = []
    /// What was rejected, with the reason and what holds instead: for the user to see.
    public private(set) var rejected: [UserAnswer] = []
    /// After a reset, the epoch that `revision` is of, until the document was stated.
    private var statedOf: UInt64?
    /// A number was used for another edit: the counter was lost, and the server is asked where it stands.
    private var isRenumbering = false

    public init() {}

    /// One whose memory was lost: it asks for what the server has, and counts on from there.
    public static var lost: UserReplica {
        var replica = UserReplica()
        replica.isRenumbering = true
        return replica
    }

    /// Whether the server is to hear of it at all.
    var isInUse: Bool { revision > 0 || number > 0 || hasNews }

    /// Whether there is something to say that does not wait for the next report.
    var hasNews: Bool { !waiting.isEmpty || statedOf != nil || isRenumbering }

    /// What the user sees: what the server has, and what waits, on top.
    public func values(_ catalog: Catalog) -> [String: JSONValue] {
        waiting.isEmpty ? confirmed : confirmed.applying(waiting.map(\.edit), catalog)
    }

    /// The user does something; works offline.
    ///
    /// - Parameter claimed: the terminal's clock, for people.
    public mutating func make(_ edit: UserEdit, claimed: Int64?) {
        let next = (waiting.last?.number ?? number) + 1
        waiting.append(DeviceEdit(number: next, edit: edit, seen: revision, claimed: claimed))
    }

    var hold: UserHold {
        UserHold(
            revision: isRenumbering ? nil : revision,
            statement: statedOf.map { UserHold.Statement(epoch: $0, number: number, document: confirmed) })
    }

    /// The edits that the next request can carry: as many as are answered at once, and as fit into it.
    var edits: [DeviceEdit] {
        guard !isRenumbering else { return [] }
        var room = Self.requestBytes - (statedOf == nil ? 0 : CanonicalWriter.bytes(of: .object(confirmed)).count)
        return Array(
            waiting.prefix(Limits.answeredUserEdits).prefix { edit in
                room -= CanonicalWriter.bytes(of: edit.json).count + 1
                // A first one goes alone, whatever its size: the server says what is wrong with it.
                return room >= 0 || edit.number == waiting.first?.number && statedOf == nil
            })
    }

    /// Bytes of a request that are for edits and the document: the report has at most some 24 KB, and is rarely there.
    private static let requestBytes = WireLimits.deviceBodyBytes - 4_096

    /// The log is another one: what was seen of the old one goes with the document that is stated.
    mutating func reset(from epoch: UInt64) {
        guard isInUse, statedOf == nil else { return }
        // One that holds nothing has nothing to state: it asks for what there is.
        if revision > 0 || number > 0 { statedOf = epoch }
        waiting = waiting.map { DeviceEdit(number: $0.number, edit: $0.edit, seen: 0, claimed: $0.claimed) }
    }

    /// The server answered; true when something waits that it can be sent at once.
    mutating func received(_ answers: [UserAnswer], _ state: UserState?) -> Bool {
        let (before, wasStating) = (number, statedOf != nil)
        for answer in answers.sorted(by: { $0.number < $1.number }) { take(answer) }
        if let state { adopt(state) }
        return (number != before || wasStating && statedOf == nil) && !waiting.isEmpty
    }

    private mutating func take(_ answer: UserAnswer) {
        guard let edit = waiting.first, edit.number == answer.number, !isRenumbering else { return }
        switch answer.outcome {
        case .pending: return
        // What it makes, together with what others did, is in the document that comes with the answers.
        case .applied: break
        // It was never answered here: the counter was lost, and the number is another edit's.
        case .settled: isRenumbering = true
        case .rejected(let rejection) where rejection.reason == .numberTaken: isRenumbering = true
        case .rejected: rejected = (rejected + [answer]).suffix(Limits.userSiblings)
        }
        guard !isRenumbering else { return }
        number = edit.number
        waiting.removeFirst()
    }

    private mutating func adopt(_ state: UserState) {
        confirmed = state.values
        revision = state.revision
        number = state.number
        statedOf = nil
        if isRenumbering {
            waiting = waiting.enumerated().map { index, edit in
                DeviceEdit(
                    number: number + UInt64(index) + 1, edit: edit.edit, seen: edit.seen, claimed: edit.claimed)
            }
        } else {
            waiting.removeAll { $0.number <= number }
        }
        isRenumbering = false
    }
}
