import SyncCore
import SyncStore

/// The user documents of one batch: read before, changed by what the log and the devices say, each written once.
struct UserDocumentBatch {
    private let reads: BatchReads
    private var documents: [DeviceID: UserDocument] = [:]

    init(_ reads: BatchReads) { self.reads = reads }

    var writes: [UserDocumentWrite] {
        documents.map { device, document in
            UserDocumentWrite(document, of: device, replacing: reads.userDocuments[device]?.version ?? 0)
        }
    }

    /// - Throws: `unreadable` for a row that is there and cannot be read: it is not written over.
    private func kept(of device: DeviceID) throws(Refusal) -> UserDocument? {
        if let document = documents[device] { return document }
        guard let row = reads.userDocuments[device] else { return nil }
        guard let document = row.document else { throw .unreadable("the user document of \(device)") }
        return document
    }

    /// The document to tell the device of, nil where it must state its own first, and what became of its edits.
    mutating func exchange(
        _ user: UserExchange, with device: Device, in world: World
    ) throws(Refusal) -> (UserDocument?, [UserAnswer]) {
        let (epoch, catalog) = (world.epoch, world.catalog)
        let kept = try kept(of: device.id)
        var document = begun(kept, by: device, in: world)
        // Once: what the device did since, it has numbered.
        if let statement = user.statement, statement.epoch < epoch, document.epoch < epoch || document.number == 0 {
            let common = reads.commonPositions[statement.epoch] ?? 0
            document.restate(
                statement.values, number: statement.number, seen: min(statement.revision, common), epoch: epoch,
                catalog)
        }
        if user.statement == nil, !user.isOfOtherEpoch { document.goOn(in: epoch, holdsNothing: user.holdsNothing) }
        guard !user.isOfOtherEpoch, document.epoch == epoch else {
            // What it had seen is of a log that is gone.
            return (nil, user.edits.map { UserAnswer(number: $0.number, key: $0.edit.key, outcome: .pending) })
        }
        let answers = document.take(user.edits, within: user.bounds, catalog)
        let hasSpoken = !user.edits.isEmpty || user.statement != nil || user.holdsNothing
        if document != kept, hasSpoken { documents[device.id] = document }
        return (document, answers)
    }

    /// Brings what a transaction of the log says of users into their documents.
    ///
    /// - Throws: where one has no room for it, or cannot be read; nothing of the transaction is taken then.
    mutating func take(_ changes: [Change], from firstSeq: Seq, in world: World) throws(Refusal) {
        guard changes.contains(where: \.concernsUser) else { return }
        var next = self
        try next.takeEach(changes, from: firstSeq, in: world)
        self = next
    }

    private mutating func takeEach(_ changes: [Change], from firstSeq: Seq, in world: World) throws(Refusal) {
        for (index, change) in changes.enumerated() {
            let seq = firstSeq + Seq(index)
            switch change {
            case .userEdited(let id, let edit, let seen):
                try update(id, in: world) { document throws(Refusal) in
                    do throws(UserRejection) {
                        try document.take(edit, at: seq, seen: seen, world.catalog)
                    } catch {
                        throw .userEditRefused(id, edit, error)
                    }
                }
            case .deviceReplaced(let id, let old):
                let other = try kept(of: old)
                try update(id, in: world) { document throws(Refusal) in
                    let other = other ?? UserDocument(enrolment: 0, epoch: document.epoch)
                    do throws(UserRejection) {
                        try document.take(from: other, at: seq, world.catalog)
                    } catch {
                        throw .replacementRefused(id, of: old, error)
                    }
                }
            default: break
            }
        }
    }

    private mutating func update(
        _ id: DeviceID, in world: World, _ body: (inout UserDocument) throws(Refusal) -> Void
    ) throws(Refusal) {
        guard let device = world.devices[id] else { return }
        var document = begun(try kept(of: id), by: device, in: world)
        try body(&document)
        documents[id] = document
    }

    /// The document within the device's present enrolment.
    private func begun(_ kept: UserDocument?, by device: Device, in world: World) -> UserDocument {
        guard var document = kept else {
            return UserDocument(enrolment: device.enrolment, epoch: world.epoch, revision: device.userRevision)
        }
        if document.enrolment < device.enrolment {
            document.begin(enrolment: device.enrolment, epoch: world.epoch, world.catalog)
        }
        return document
    }
}

extension Change {
    /// Whether it writes to user documents.
    fileprivate var concernsUser: Bool {
        switch self {
        case .userEdited, .deviceReplaced: true
        default: false
        }
    }
}
