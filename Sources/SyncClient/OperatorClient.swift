import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SyncCore
import SyncProtocol
import Synchronization

/// The operators' API from outside: sends what an operator asks, gives back JSON or says what went wrong.
public struct OperatorClient: Sendable {
    /// Why there is no answer.
    public enum Failure: Error, Sendable, CustomStringConvertible {
        case unreachable(String)
        /// The server refused, in its own words.
        case refused(Refusal)
        /// The server answered with something else than the protocol says.
        case notUnderstood(String)
        /// An error that is none of the server's: a proxy on the way, or another service at this address, gave it. What
        /// became of the request is not known.
        case intermediary(status: Int, name: String?)

        public var description: String {
            switch self {
            case .unreachable(let reason): "the server cannot be reached: \(reason)"
            case .refused(let refusal): refusal.description
            case .notUnderstood(let what): "the server's answer is not understood: \(what)"
            case .intermediary(let status, let name):
                "a proxy answered \(status)" + (name.map { " (\($0.prefix(60).description.printable()))" } ?? "")
                    + ", not the server: it has no code of Consigne's"
            }
        }
    }

    /// A problem the server answered with (RFC 9457).
    public struct Refusal: Hashable, Sendable, CustomStringConvertible {
        public let status: Int
        public let code: String
        public let detail: String
        public let details: [JSONValue]
        /// From where on the log is kept, where what was asked for is older.
        public let floor: Seq?
        /// False when the outcome is unknown: the same change, sent again, is done once.
        public let isDefinite: Bool

        public var description: String {
            ([code.printable() + ": " + detail.printable()] + details.map { Self.line($0).printable() })
                .joined(separator: "\n  ")
        }

        private static func line(_ detail: JSONValue) -> String {
            if let text = detail.string { return text }
            let place = detail["row"]?.integer.map { "row \($0), " } ?? ""
            let field = detail["field"]?.string ?? ""
            let policies = detail["policies"]?.array.map { list in
                "; made by " + list.compactMap(\.string).joined(separator: ", ")
            }
            return
                "\(place)\(field): found \(detail["value"]?.string ?? ""), expected \(detail["expected"]?.string ?? "")"
                + (policies ?? "")
        }
    }

    private let server: String
    private let token: String
    private let trust: TrustRoots?
    private let timeout: TimeAmount
    /// Is told every answer as it came.
    private let observer: Observer?

    /// An answer as it came, and what it is the answer to.
    package struct Exchange: Sendable {
        package let method: String
        package let path: String
        package let status: Int
        /// By lower-case name.
        package let headers: [String: String]
        package let body: [UInt8]
    }

    package typealias Observer = @Sendable (Exchange) -> Void

    /// One for the process and each set of authorities, never shut down.
    private static let clients = Mutex<[TrustRoots?: HTTPClient]>([:])

    /// - Parameters:
    ///   - server: the operators' listener, `https://consigne.example:8411`.
    ///   - trust: who vouches for the server; nil for the system's authorities.
    public init(server: String, token: String, trust: TrustRoots? = nil, timeout: TimeAmount = .seconds(120)) {
        self.init(server: server, token: token, trust: trust, timeout: timeout, observer: nil)
    }

    /// The same, with somebody who is told every answer as it came.
    package init(
        server: String, token: String, trust: TrustRoots? = nil, timeout: TimeAmount = .seconds(120),
        observer: Observer?
    ) {
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.token = token
        self.trust = trust
        self.timeout = timeout
        self.observer = observer
    }

    /// The same server for another operator.
    public func authenticated(by token: String) -> OperatorClient {
        OperatorClient(server: server, token: token, trust: trust, timeout: timeout, observer: observer)
    }

    /// A server that is not there is told at once: whoever wants to try again says so himself.
    private var http: HTTPClient {
        Self.clients.withLock { clients in
            if let known = clients[trust] { return known }
            var configuration = HTTPClient.Configuration()
            configuration.tlsConfiguration = TrustRoots.configuration(trust)
            configuration.timeout.connect = .seconds(5)
            configuration.connectionPool.retryConnectionEstablishment = false
            // Who waits for a connection fails as one who cannot connect: the slow requests of a script are no reason.
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            clients[trust] = client
            return client
        }
    }

    /// `GET`, with a query.
    public func get(_ path: String, _ query: [(String, String?)] = []) async throws(Failure) -> JSONValue {
        let words = query.compactMap { name, value in value.map { "\(name)=\(Self.escape($0))" } }
        let suffix = words.isEmpty ? "" : "?" + words.joined(separator: "&")
        return try await send(.GET, path + suffix, nil)
    }

    /// Has a change set done; sent again with the same intent it is done once.
    public func change(_ request: ChangeRequest) async throws(Failure) -> JSONValue {
        try await send(.POST, "/v1/changes", request.json)
    }

    /// Asks what a change set would do.
    public func plan(_ request: ChangeRequest) async throws(Failure) -> JSONValue {
        try await send(.POST, "/v1/plan", request.json)
    }

    private func send(_ method: HTTPMethod, _ path: String, _ body: JSONValue?) async throws(Failure) -> JSONValue {
        var request = HTTPClientRequest(url: server + path)
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: CanonicalWriter.bytes(of: body)))
        }
        let status: UInt
        let bytes: [UInt8]
        let name: String?
        do {
            let response = try await http.execute(request, timeout: timeout)
            status = response.status.code
            name = response.headers.first(name: "server") ?? response.headers.first(name: "via")
            bytes = Array(try await response.body.collect(upTo: WireLimits.answerBytes).readableBytesView)
            if let observer {
                let headers = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
                observer(
                    Exchange(method: method.rawValue, path: path, status: Int(status), headers: headers, body: bytes))
            }
        } catch {
            throw .unreachable("\(server): \(error)")
        }
        return try Self.read(bytes, Int(status), from: name)
    }

    private static func read(_ bytes: [UInt8], _ status: Int, from name: String?) throws(Failure) -> JSONValue {
        let json = try? JSONReader.read(bytes, within: .stored)
        if (200..<300).contains(status) {
            guard let json else { throw .notUnderstood("status \(status), a body that is not JSON") }
            return json
        }
        guard let json, let code = json["code"]?.string, let detail = json["detail"]?.string else {
            throw .intermediary(status: status, name: name)
        }
        throw .refused(
            Refusal(
                status: status, code: code, detail: detail, details: json["details"]?.array ?? [],
                floor: json["floor"]?.integer.flatMap { Seq(exactly: $0) }, isDefinite: json["definite"]?.bool ?? false)
        )
    }

    /// Percent-encoding of a query's value (RFC 3986, section 2.3).
    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                escaped.append(character)
            } else {
                escaped += "%" + Hex.text(of: [byte]).uppercased()
            }
        }
        return escaped
    }
}
