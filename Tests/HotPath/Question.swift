import NIOCore
import SyncCore
import TestSupport

/// What is asked on a connection, and how its answer begins.
enum Question: String, CaseIterable {
    /// A device asks again, and nothing is new.
    case idle
    /// Devices that share a connection ask in turn, and nothing is new.
    case idleInTurn = "idle-in-turn"
    /// A device that holds nothing yet.
    case full
    /// A device that holds what stood before the last change.
    case delta

    func request(_ credential: String, at site: Site) -> ByteBuffer {
        var text = "GET /v1/sync HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nauthorization: Bearer \(credential)\r\n"
        let have = have(at: site)
        text += "consigne-have: \(have)\r\n"
        if let digest = have.digest {
            let tag = Cursor(epoch: have.epoch, held: digest, offered: digest, user: 0)
            text += "if-none-match: W/\"\(tag)\"\r\n"
        }
        return ByteBuffer(string: text + "accept-encoding: gzip\r\nconsigne-accept: delta\r\n\r\n")
    }

    private func have(at site: Site) -> Have {
        switch self {
        case .idle, .idleInTurn: site.held.now
        case .full: Have(epoch: 1, version: 0, digest: nil)
        case .delta: site.held.before
        }
    }

    var status: String {
        switch self {
        case .idle, .idleInTurn: "HTTP/1.1 304 "
        case .full, .delta: "HTTP/1.1 200 "
        }
    }

    /// Devices that take turns on the connection.
    var devices: Int { self == .idleInTurn ? 16 : 1 }
}
