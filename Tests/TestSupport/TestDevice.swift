import SyncCore

/// A device as a test plays it: it remembers what it was told, and asks by hand.
public final class TestDevice {
    public let credential: String
    public private(set) var have = Have(epoch: 0, version: 0, digest: nil)
    public private(set) var tag: String?
    public private(set) var document: JSONValue?
    private var reports: UInt64 = 0

    public init(credential: String) { self.credential = credential }

    /// A credential or token of the right length, told apart by a number.
    public static func secret(_ kind: String, _ number: Int) -> String {
        let text = "\(kind)-\(number)-"
        return text + String(repeating: "x", count: 64 - text.utf8.count)
    }

    public var hash: Digest { Digest(hashing: Array(credential.utf8)) }

    public var headers: [(String, String)] {
        var headers = [("Authorization", "Bearer \(credential)"), ("Consigne-Have", have.description)]
        if let tag { headers.append(("If-None-Match", tag)) }
        return headers
    }

    public func enrol(token: String, serial: String? = nil, over connection: DeviceConnection) async throws
        -> DeviceConnection.Answer
    {
        var body: [String: JSONValue] = ["token": .string(token), "credential": .string(hash.description)]
        body["serial"] = serial.map(JSONValue.string)
        try connection.request("POST", "/v1/enrol", body: CanonicalWriter.text(of: .object(body)))
        return try await connection.answer()
    }

    /// Asks for news and takes what comes.
    @discardableResult
    public func checkIn(over connection: DeviceConnection, wait: Int? = nil) async throws -> DeviceConnection.Answer {
        try ask(over: connection, wait: wait)
        return try take(try await connection.answer())
    }

    public func ask(over connection: DeviceConnection, wait: Int? = nil) throws {
        try connection.request("GET", "/v1/sync", headers + (wait.map { [("Prefer", "wait=\($0)")] } ?? []))
    }

    @discardableResult
    public func report(
        over connection: DeviceConnection, failed: Digest? = nil, number: UInt64? = nil,
        nonCompliance: [(setting: String, reason: String)] = []
    ) async throws -> DeviceConnection.Answer {
        try sendReport(over: connection, failed: failed, number: number, nonCompliance: nonCompliance)
        return try take(try await connection.answer())
    }

    /// Reports, and leaves the answer to be awaited.
    public func sendReport(
        over connection: DeviceConnection, failed: Digest? = nil, number: UInt64? = nil, facts: JSONValue? = nil,
        nonCompliance: [(setting: String, reason: String)] = []
    ) throws {
        reports += 1
        var report: [String: JSONValue] = ["n": .integer(Int64(number ?? reports))]
        report["failed"] = failed.map {
            .object(["digest": .string($0.description), "reason": .string("test")])
        }
        report["facts"] = facts
        if !nonCompliance.isEmpty {
            report["nonCompliance"] = .array(
                nonCompliance.map { .object(["setting": .string($0.setting), "reason": .string($0.reason)]) })
        }
        let body = JSONValue.object(["have": .string(have.description), "report": .object(report)])
        try connection.request(
            "POST", "/v1/sync", [("Authorization", "Bearer \(credential)")], body: CanonicalWriter.text(of: body))
    }

    /// Keeps what an answer brings: a document whose digest it computes itself.
    @discardableResult
    public func take(_ answer: DeviceConnection.Answer) throws -> DeviceConnection.Answer {
        guard answer.status == 200 else { return answer }
        let body = try JSONReader.read(answer.body)
        if let document = body["document"] {
            self.document = document
            have = Have(
                epoch: UInt64(body["epoch"]?.integer ?? 0), version: Seq(body["version"]?.integer ?? 0),
                digest: Digest(hashing: CanonicalWriter.bytes(of: document)))
        }
        if let text = body["tag"]?.string { tag = "W/\"\(text)\"" }
        return answer
    }
}
