import SyncCore
import SyncStore

/// All that a batch must know of the store, read in one look-up before it is worked out.
struct BatchReads: Sendable {
    /// An author's name for a change.
    struct Intent: Hashable, Sendable {
        let author: String
        let intent: String
    }

    /// Transactions that were accepted under these intents; one that cannot be read fails whoever repeats it.
    private(set) var transactions: [Intent: Result<Transaction, StoreError>] = [:]
    private(set) var userDocuments: [DeviceID: UserDocumentRow] = [:]
    /// The last position in common with an earlier incarnation of the log.
    private(set) var commonPositions: [UInt64: Seq] = [:]

    init() {}

    init(
        intents: [Intent], devices: Set<DeviceID>, epochs: Set<UInt64>, from reader: any StoreReader
    ) throws(StoreError) {
        for intent in intents {
            do {
                let found = try reader.transaction(author: intent.author, intent: intent.intent)
                transactions[intent] = found.map { .success($0) }
            } catch .unreadable(let what) {
                transactions[intent] = .failure(.unreadable(what))
            }
        }
        for device in devices { userDocuments[device] = try reader.userDocument(of: device) }
        for epoch in epochs { commonPositions[epoch] = try reader.lastCommon(with: epoch) }
    }
}
