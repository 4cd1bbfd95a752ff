import Foundation
import SyncCore
import Testing
import TestSupport

/// One case of a vector file.
struct VectorCase {
    let json: JSONValue

    /// The cases under a name of a file.
    static func list(_ name: String, of file: String) throws -> [VectorCase] {
        let list = try #require(try read(file)[name]?.array, "\(file): \(name)")
        #expect(!list.isEmpty)
        return list.map { VectorCase(json: $0) }
    }

    /// The plain texts under a name of a file.
    static func texts(_ name: String, of file: String) throws -> [String] {
        let list = try #require(try read(file)[name]?.array, "\(file): \(name)")
        #expect(!list.isEmpty)
        return try list.map { try #require($0.string, "\(file): \(name)") }
    }

    static func bytes(of file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Repository.root.appendingPathComponent("Protocol/Vectors/\(file)")))
    }

    private static func read(_ file: String) throws -> JSONValue { try JSONReader.read(try bytes(of: file)) }

    /// What the case is about, for a failure to say.
    var comment: Comment { Comment(rawValue: json["about"]?.string ?? CanonicalWriter.text(of: json)) }

    func text(_ name: String) throws -> String { try #require(json[name]?.string, comment) }

    func number(_ name: String) throws -> UInt64 {
        try #require(json[name]?.integer.flatMap { UInt64(exactly: $0) }, comment)
    }

    func digest(_ name: String) throws -> Digest { try #require(Digest(try text(name)), comment) }

    func digestIfAny(_ name: String) throws -> Digest? { json[name] == nil ? nil : try digest(name) }

    func bytesIfAny(_ name: String) throws -> [UInt8]? {
        guard json[name] != nil else { return nil }
        let bytes: [UInt8] = try #require(Hex.bytes(of: try text(name)), comment)
        return bytes
    }
}

extension VectorCase {
    /// A text to be refused: as text, as bytes in hexadecimal, or as something repeated.
    func refusedBytes() throws -> [UInt8] {
        if let bytes = try bytesIfAny("hex") { return bytes }
        guard json["text"] == nil else { return Array(try text("text").utf8) }
        let repeated = String(repeating: try text("repeat"), count: Int(try number("times")))
        return Array((try text("before") + repeated + (try text("after"))).utf8)
    }

    /// The hash of the entry that the case describes.
    func leaf() throws -> Digest {
        let header = Transaction.Header(
            author: try text("author"), intent: try text("intent"), reason: json["reason"]?.string,
            reasonSalt: try bytesIfAny("reasonSalt"), received: Int64(try number("received")),
            request: Digest(hashing: []))
        let operation = try #require(Entry.Operation(rawValue: try text("op")), comment)
        let change = Change.Line(
            subject: try text("subject"), key: try text("key"), operation: operation, value: json["value"])
        let outcome = try #require(Entry.Outcome(rawValue: try text("outcome")), comment)
        return Leaf.hash(
            epoch: try number("epoch"), firstSeq: try number("first"), header: header, seq: try number("seq"),
            change: change, base: try number("base"), outcome: outcome, salt: try bytesIfAny("salt"))
    }

    /// What is true of the device on the server.
    func current() throws -> SyncDecision.Current {
        let current = VectorCase(json: try #require(json["current"], comment))
        return SyncDecision.Current(
            epoch: try current.number("epoch"), seq: try current.number("seq"), digest: try current.digest("digest"),
            user: current.json["user"]?.integer.map { Seq($0) } ?? 0)
    }

    func decision() throws -> SyncDecision {
        let decisions: [String: SyncDecision] = [
            "unchanged": .unchanged, "full": .full, "reset": .reset, "ahead": .ahead, "user": .userOnly,
        ]
        return try #require(decisions[try text("decision")], comment)
    }
}
