import SyncCore
import SyncStore

/// User documents: what the log says of them and what devices say of them meets here, in the store's transaction.
extension BatchCommit {
    /// The document to tell the device of, nil where it must state its own first, and what became of its edits.
    func exchange(_ user: UserExchange, with device: Device) throws -> (UserDocument?, [UserAnswer]) {
        let (epoch, catalog) = (written.world.epoch, written.world.catalog)
        let kept = try writer.reader.userDocument(of: device.id)
        var document = begun(kept, by: device)
        // Once: what the device did since, it has numbered.
        if let statement = user.statement, statement.epoch < epoch, document.epoch < epoch || document.number == 0 {
            let common = try writer.reader.lastCommon(with: statement.epoch) ?? 0
            document.restate(
                statement.values, number: statement.number, seen: min(statement.revision, common), epoch: epoch,
                catalog)
        }
        if user.statement == nil, !user.isOfOtherEpoch { document.goOn(in: epoch) }
        guard !user.isOfOtherEpoch, document.epoch == epoch else {
            // What it had seen is of a log that is gone.
            return (nil, user.edits.map { UserAnswer(number: $0.number, key: $0.edit.key, outcome: .pending) })
        }
        let answers = document.take(user.edits, within: user.bounds, catalog)
        if document != kept, !user.edits.isEmpty || user.statement != nil {
            try writer.keep(document, of: device.id)
        }
        return (document, answers)
    }

    /// Brings what a transaction of the log says of users into their documents.
    func keepUsers(_ changes: [Change], from firstSeq: Seq) throws {
        for (index, change) in changes.enumerated() {
            let seq = firstSeq + Seq(index)
            switch change {
            case .userEdited(let id, let edit, let seen):
                try update(id) { $0.take(edit, at: seq, seen: seen, written.world.catalog) }
            case .deviceReplaced(let id, let old):
                let other = try writer.reader.userDocument(of: old)
                try update(id) { document in
                    document.take(
                        from: other ?? UserDocument(enrolment: 0, epoch: document.epoch), at: seq, written.world.catalog
                    )
                }
            default: break
            }
        }
    }

    private func update(_ id: DeviceID, _ body: (inout UserDocument) -> Void) throws {
        guard let device = written.world.devices[id] else { return }
        var document = begun(try writer.reader.userDocument(of: id), by: device)
        body(&document)
        try writer.keep(document, of: id)
    }

    /// The document within the device's present enrolment.
    private func begun(_ kept: UserDocument?, by device: Device) -> UserDocument {
        guard var document = kept else {
            return UserDocument(
                enrolment: device.enrolment, epoch: written.world.epoch, revision: device.userRevision)
        }
        if document.enrolment < device.enrolment {
            document.begin(enrolment: device.enrolment, epoch: written.world.epoch, written.world.catalog)
        }
        return document
    }
}
