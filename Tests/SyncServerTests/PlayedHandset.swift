import DeviceAgent
import SyncCore
import SyncProtocol
import TestSupport

@testable import FleetSimulator

/// The shipped handset machine on a real connection, with a network that loses and repeats what the test says.
final class PlayedHandset {
    private(set) var handset: Handset
    private let credential: String
    private var connection: DeviceConnection
    private(set) var answers: [UserAnswer] = []
    /// Deltas it was sent.
    private(set) var deltas = 0
    /// Answers that came compressed.
    private(set) var packed = 0

    init(_ number: Int, token: String, port: Int) throws {
        credential = TestDevice.secret("handset", number)
        handset = Handset(
            secrets: Handset.Secrets(
                token: token, credential: credential, serial: "S\(number)", facts: .none),
            catalog: try Catalog.embedded())
        connection = try DeviceConnection(port: port)
    }

    var hash: Digest { Digest(hashing: Array(credential.utf8)) }

    func loseUserDocument() { handset.loseUserDocument() }

    func reconnect(port: Int) throws { connection = try DeviceConnection(port: port) }

    func edit(_ edit: UserEdit, claimed: Int64) { handset.edit(edit, claimed: claimed) }

    /// Talks to the server until the handset has nothing more to say.
    ///
    /// - Parameter loses: how many answers of this conversation are lost on the way, after the server has acted.
    func synchronise(losing loses: Int = 0) async throws {
        var step = handset.next()
        var left = loses
        for _ in 0..<64 {
            switch step {
            case .rest, .backOff: return
            case .enrol(let request): try send("POST", "/v1/enrol", [], request.json)
            case .report(let request):
                try send("POST", "/v1/sync", headers(handset.acceptsDelta), request.json)
            case .checkIn(let checkIn):
                var headers = headers(checkIn.acceptsDelta) + [("Consigne-Have", checkIn.have.description)]
                if let tag = checkIn.tag { headers.append(("If-None-Match", "W/\"\(tag)\"")) }
                try connection.request("GET", "/v1/sync", headers)
            }
            let answer = try await connection.answer()
            let isPacked = answer.headers["content-encoding"] == "gzip"
            if isPacked { packed += 1 }
            let body = isPacked ? try GzipReader.read(answer.body, limit: 1 << 20) : answer.body
            if isPacked { try hold(answer, body) }
            if left > 0 {
                left -= 1
                _ = handset.lost()
                step = handset.next()
                continue
            }
            if let json = try? JSONReader.read(body), let sync = try? SyncAnswer(json) {
                answers += sync.edits
                if case .delta = sync.result { deltas += 1 }
            }
            step = handset.received(
                Handset.Reply(
                    status: answer.status, retryAfter: answer.headers["retry-after"].flatMap(Int.init),
                    body: body))
        }
    }

    /// A packed answer is held against the contract here, where it is unpacked.
    private func hold(_ answer: DeviceConnection.Answer, _ body: [UInt8]) throws {
        let exchange = Contract.Exchange(
            method: "GET", path: "/v1/sync", status: answer.status, headers: answer.headers, body: body)
        let violations = try Contract.shared.get().violations(of: exchange)
        if !violations.isEmpty { throw DeviceConnection.Failure.undocumented(violations) }
    }

    private func headers(_ acceptsDelta: Bool) -> [(String, String)] {
        [("Authorization", "Bearer \(credential)"), ("Accept-Encoding", "gzip")]
            + (acceptsDelta ? [("Consigne-Accept", "delta")] : [])
    }

    private func send(_ method: String, _ path: String, _ headers: [(String, String)], _ body: JSONValue) throws {
        try connection.request(method, path, headers, body: CanonicalWriter.text(of: body))
    }
}
