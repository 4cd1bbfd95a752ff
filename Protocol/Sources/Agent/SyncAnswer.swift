import SyncCore

/// What the server answers a device with: the body of `GET` and `POST /v1/sync`.
public struct SyncAnswer: Hashable, Sendable {
    public enum Result: Hashable, Sendable {
        case same
        /// The document replaces what the device holds.
        case full(document: JSONValue, digest: Digest)
        /// What turns the document that the device holds into the one with this digest.
        case delta(Delta, digest: Digest)
        /// The same, and what the device knew of another incarnation of the log is void.
        case reset(document: JSONValue, digest: Digest)
        /// The server is behind the device: nothing is to be done.
        case ahead
    }

    public let epoch: UInt64
    public let version: Seq
    /// To be sent back as `If-None-Match`, as it is.
    public let tag: String?
    /// Seconds after which to check in again.
    public let after: Int
    public let result: Result
    /// The user document, where it was asked for or written to elsewhere.
    public let user: UserState?
    /// What became of the edits of the request.
    public let edits: [UserAnswer]

    /// Reads a body.
    public init(_ json: JSONValue) throws(Malformed) {
        let fields = try Fields(json, at: "", known: nil)
        epoch = UInt64(try fields.integer("epoch", 0...Limits.integerMagnitude))
        version = Seq(try fields.integer("version", 0...Limits.integerMagnitude))
        tag = fields["tag"] == nil ? nil : try fields.string("tag")
        after = Int(try fields.integer("after", 0...86_400))
        user = fields["user"] == nil ? nil : try UserState(fields["user"])
        var answers: [UserAnswer] = []
        for (index, json) in (fields["edits"]?.array ?? []).enumerated() {
            answers.append(try UserAnswer(json, at: "edits[\(index)]"))
        }
        edits = answers
        switch try fields.string("result") {
        case "same": result = .same
        case "ahead": result = .ahead
        case "full":
            result = .full(
                document: try fields.require("document", "an object") { $0 }, digest: try fields.digest("digest"))
        case "delta":
            result = .delta(
                try fields.require("delta", "an object of set, unset and records") { Delta($0) },
                digest: try fields.digest("digest"))
        case "reset":
            result = .reset(
                document: try fields.require("document", "an object") { $0 }, digest: try fields.digest("digest"))
        case let other:
            throw Malformed(field: "result", text: other, expected: "same, full, delta, reset or ahead")
        }
    }
}
