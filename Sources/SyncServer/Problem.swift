import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore

/// An error as both listeners say it: RFC 9457, with a code for programs and whether the outcome is definite.
///
/// The only place that knows HTTP status codes for errors.
struct Problem: Error, Sendable {
    let status: Int
    /// Stable, for programs.
    let code: String
    /// One sentence, for people.
    let detail: String
    /// True when nothing was done and nothing will be; false when the client must ask again to know.
    let isDefinite: Bool
    /// More about it: problems of a policy, rows of a lot.
    let details: [JSONValue]
    /// Seconds after which to try again.
    let retryAfter: Int?
    /// From where on the log is kept, where somebody asked for what came before.
    let floor: Seq?
    /// The methods that a route knows; a 405 must say them (RFC 9110, section 15.5.6).
    let allow: String?

    init(
        _ status: Int, _ code: String, _ detail: String, isDefinite: Bool = true, details: [JSONValue] = [],
        retryAfter: Int? = nil, floor: Seq? = nil, allow: String? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.isDefinite = isDefinite
        self.details = details
        self.retryAfter = retryAfter
        self.floor = floor
        self.allow = allow
    }

    var body: [UInt8] {
        var members: [String: JSONValue] = [
            "type": .string("about:blank"), "title": .string(HTTPResponseStatus(statusCode: status).reasonPhrase),
            "status": .integer(Int64(status)), "code": .string(code),
            "detail": .string(detail), "definite": .bool(isDefinite),
        ]
        if !details.isEmpty { members["details"] = .array(details) }
        members["floor"] = floor.map { .integer(Int64($0)) }
        return CanonicalWriter.bytes(of: .object(members))
    }

    static let mediaType = "application/problem+json"

    static let unauthenticated = Problem(401, "unauthenticated", "a valid bearer token is needed")
    static let credentialMissing = Problem(
        401, "credential-missing", "Authorization: found nothing, expected Bearer and a credential")
    static let tokenExpired = Problem(
        401, "operator-token-expired", "this token has expired; an admin can give its operator a new one")
    static let unknownRoute = Problem(404, "unknown-route", "no such route; Protocol/openapi.yaml lists them")
    static let internalError = Problem(
        500, "internal", "the server failed; its log says more", isDefinite: false)

    static func noRoom(retryAfter: Int) -> Problem {
        Problem(503, "no-room", "too many devices are connected", retryAfter: retryAfter)
    }

    static func overloaded(retryAfter: Int) -> Problem {
        Problem(503, "overloaded", "too many requests wait to be written", retryAfter: retryAfter)
    }

    static func tooOften(retryAfter: Int) -> Problem {
        Problem(429, "too-often", "this device writes more often than it may", retryAfter: retryAfter)
    }

    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(413, "body-too-large", "a body of at most \(limit) bytes is expected")
    }
}

extension Problem {
    init(_ error: JSONError) { self.init(400, "bad-json", "body: \(error)") }

    init(_ error: Malformed) {
        self.init(
            400, "malformed", "\(error)",
            details: [
                .object([
                    "field": .string(error.field), "value": .string(error.value), "expected": .string(error.expected),
                ])
            ])
    }

    /// The public face of anything thrown.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as Refusal: self.init(refusal)
        case let malformed as Malformed: self.init(malformed)
        case let json as JSONError: self.init(json)
        case StoreError.unreadable: self.init(Refusal(reading: error))
        default: self = .internalError
        }
    }
}
