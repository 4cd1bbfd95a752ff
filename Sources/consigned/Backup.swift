import ArgumentParser
import Foundation
import SyncCore
import SyncStore
import SyncStoreSQLite

/// `consigned backup`: a copy of the store as it is now.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the store, also while a server has it.",
        discussion:
            "The copy holds every change that was acknowledged before it began. Copying the file by hand does not.")

    @OptionGroup var location: StoreLocation
    @Option(help: ArgumentHelp("The file to make.", valueName: "file")) var to: String

    func run() async throws {
        let path = try location.path
        do {
            let made = try SQLiteStore.backUp(path, to: to)
            print("\(to): the log up to \(made.head.epoch).\(made.head.seq)")
            guard made.damage.isEmpty else {
                complain("consigned backup: the store is damaged, and so is \(to): see `consigned check`")
                throw ExitCodes.storeUnusable
            }
        } catch let error as StoreError {
            complain("consigned backup: \(error.sentence)")
            throw ExitCodes.cannotCreate
        }
    }
}

/// `consigned restore`: the only way to go back to a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a store of a backup, as a new incarnation of the log.",
        discussion: """
            Devices and readers of the log notice by the new epoch, and nobody goes back: every device gets its policy \
            anew. What was decided after the backup is gone; --lost names it, if the lost store can still be read.
            """)

    @OptionGroup var location: StoreLocation
    @Option(help: ArgumentHelp("The backup.", valueName: "file")) var from: String
    @Option(help: ArgumentHelp("The store that was lost, to list what must be done again.", valueName: "file"))
    var lost: String?

    func run() async throws {
        let path = try location.path
        do {
            let head = try SQLiteStore.restore(from, to: path, now: UInt64(Date().timeIntervalSince1970))
            print("\(path): the log up to \(head.seq), now of epoch \(head.epoch)")
            print(try await Losses(after: head.seq, restored: path, lost: lost).text())
        } catch let error as StoreError {
            complain("consigned restore: \(error.sentence)")
            throw ExitCodes.cannotCreate
        }
    }
}

/// What a restored log lacks: who was let in or shut out after the backup must be looked at by people.
struct Losses {
    let seq: Seq
    let restored: String
    let lost: String?

    init(after seq: Seq, restored: String, lost: String?) {
        self.seq = seq
        self.restored = restored
        self.lost = lost
    }

    func text() async throws -> String {
        guard let lost else {
            return try await """
            The backup's last change is of \(lastChange()). Whatever was decided after it is gone; check above all:
              devices and operators that were revoked since then are in force again: revoke them again
              devices that enrolled since then are not known: they need new tokens
            """
        }
        let store = try SQLiteStore(path: lost)
        let (later, floor) = try await store.read { [seq] reader in
            let start = max(seq, try reader.floor()?.seq ?? 0)
            return (try reader.transactions(after: start, limit: .max), start)
        }
        try store.close()
        let lines = later.flatMap { transaction in
            transaction.entries.filter { $0.seq > seq }.compactMap { Self.line($0, by: transaction.header.author) }
        }
        let count = later.flatMap(\.entries).count { $0.seq > seq }
        let forgotten =
            floor > seq
            ? ["what was decided from \(seq + 1) to \(floor) is gone, and the lost store had forgotten it"] : []
        return (forgotten + ["\(count) entries are gone, of them to be looked at: \(lines.count)"] + lines)
            .joined(separator: "\n")
    }

    private func lastChange() async throws -> String {
        let store = try SQLiteStore(path: restored)
        let received = try await store.read { [seq] reader -> Int64 in
            if let floor = try reader.floor(), floor.seq == seq { return floor.received }
            return try reader.transactions(after: max(1, seq) - 1, limit: 1).last?.header.received ?? 0
        }
        try store.close()
        let date = Date(timeIntervalSince1970: Double(received / 1_000))
        return date.formatted(.iso8601)
    }

    /// Only what lets somebody in or shuts somebody out.
    private static func line(_ entry: Entry, by author: String) -> String? {
        let did: String
        switch Change(entry) {
        case .deviceEnrolled(let id, let enrolment): did = "\(id) enrolled (serial \(enrolment.serial ?? "-"))"
        case .deviceProvisioned(let id, let provision): did = "\(id) delivered (serial \(provision.serial))"
        case .deviceRevoked(let id): did = "\(id) revoked: revoke it again"
        case .deviceRetired(let id): did = "\(id) retired: retire it again"
        case .operatorAppointed(let appointed, _): did = "\(appointed.name) appointed \(appointed.role.rawValue)"
        case .operatorDismissed(let name): did = "\(name) dismissed: dismiss him again"
        case .tokenIssued(let id, _): did = "\(id) issued"
        case .tokenRevoked(let id): did = "\(id) revoked: revoke it again"
        default: return nil
        }
        return "  \(entry.seq)  \(did), by \(author)"
    }
}
