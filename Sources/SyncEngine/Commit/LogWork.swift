import SyncCore
import SyncStore

/// What the log has an entry of.
enum LogWork: Sendable {
    case change(Proposal, @Sendable (Result<Receipt, Refusal>) -> Void)
    /// A report that says that the device itself changed.
    case device(DeviceWork)

    func refuse(_ refusal: Refusal) {
        switch self {
        case .change(_, let done): done(.failure(refusal))
        case .device(let work): work.done(.failure(refusal))
        }
    }

    /// Under which name a repetition of it is known.
    var intent: BatchReads.Intent? {
        switch self {
        case .change(let proposal, _): BatchReads.Intent(author: proposal.author, intent: proposal.intent)
        case .device(let work): work.factsIntent.map { BatchReads.Intent(author: Author.device, intent: $0) }
        }
    }

    var userDevices: Set<DeviceID> {
        switch self {
        case .change(let proposal, _): proposal.userDevices
        case .device(let work): work.user == nil ? [] : [work.device]
        }
    }

    var statedEpoch: UInt64? {
        if case .device(let work) = self { work.user?.statement?.epoch } else { nil }
    }
}

/// Authors that are no operators.
enum Author {
    /// What time does.
    static let system = "system"
    /// What devices do themselves.
    static let device = "device"

    static let all: Set = [system, device]
}
