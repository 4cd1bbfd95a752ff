import ArgumentParser
import Foundation
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite

/// `consigned init`: an empty log, and a token for its first admin.
struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new store and the first admin's token.",
        discussion: "The token goes to a file that only you can read; the store keeps its SHA-256 alone.")

    @OptionGroup var location: StoreLocation

    @Option(help: ArgumentHelp("The first admin's name.", valueName: "name"))
    var admin = "admin"

    @Option(help: ArgumentHelp("Where the first admin's token goes.", valueName: "file"))
    var adminToken: String

    func validate() throws {
        guard OperatorName(admin) != nil else {
            throw ValidationError("--admin: found \"\(admin)\", expected \(OperatorName.expected)")
        }
    }

    func run() async throws {
        let token = Hex.text(of: (0..<32).map { _ in UInt8.random(in: 0...255) })
        let path = try location.path
        do {
            // The token comes first: a log that nobody can enter would be of no use, and in the way of a second try.
            try SecretFile.write(token, to: adminToken)
            do {
                try await found(path, token: token)
            } catch {
                try? FileManager.default.removeItem(atPath: adminToken)
                throw error
            }
            print("\(path): a new log; \(adminToken): the token of \(admin)")
        } catch let error as StoreError {
            complain("consigned init: \(error.sentence)")
            throw ExitCodes.cannotCreate
        }
    }

    private func found(_ path: String, token: String) async throws {
        guard let name = OperatorName(admin) else { return }
        try SQLiteStore.create(at: path, epoch: UInt64(Date().timeIntervalSince1970))
        let store = try SQLiteStore(path: path)
        try await Founding.write(
            to: store, catalog: try Catalog.embedded(), admin: name,
            tokenHash: Digest(hashing: Array(token.utf8)), now: Int64(Date().timeIntervalSince1970 * 1_000))
        try store.close()
    }
}

/// Where the store is.
struct StoreLocation: ParsableArguments {
    @Option(help: ArgumentHelp("The store's file (or CONSIGNE_STORE).", valueName: "file"))
    var store: String?

    var path: String {
        get throws {
            guard let path = store ?? ProcessInfo.processInfo.environment["CONSIGNE_STORE"] else {
                throw ValidationError("--store: found nothing, expected the store's file")
            }
            return path
        }
    }
}

/// A file that only its owner can read, from its first byte on.
enum SecretFile {
    static func write(_ secret: String, to path: String) throws(StoreError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusable("\(path) cannot be made: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let bytes = Array((secret + "\n").utf8)
        guard bytes.withUnsafeBytes({ Foundation.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw .unusable("\(path) cannot be written")
        }
    }
}

extension StoreError {
    /// The error as a person reads it.
    var sentence: String {
        switch self {
        case .inUse: "another server has the store"
        case .unusable(let reason): reason
        case .failed(let reason): "the store failed: \(reason)"
        case .unreadable(let what): "\(what) is damaged in the store"
        case .full: "there is no room on the store's disk"
        case .compacted(let floor): "the log is kept from position \(floor) on; what was asked for is older"
        case .outOfOrder, .duplicateIntent: "the store is not as this server left it: \(self)"
        }
    }
}
