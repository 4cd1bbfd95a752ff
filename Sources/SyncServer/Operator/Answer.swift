import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore

/// What an operator's route answers.
enum Answer {
    static func json(_ value: JSONValue, tag: PolicyTag? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "private, no-store"]
        if let tag { headers[.eTag] = tag.description }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: CanonicalWriter.bytes(of: value))))
    }

    static func problem(_ problem: Problem) -> Response {
        var headers: HTTPFields = [.contentType: Problem.mediaType, .cacheControl: "no-store"]
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: HTTPResponse.Status(code: problem.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: problem.body)))
    }
}

/// The parameters of a route's query, each read once and none unknown.
struct Query {
    private let values: [String: String]

    init(_ request: Request, known: Set<String>) throws(Problem) {
        var values: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], in: pair)
            let value = try parts.count == 2 ? Self.decoded(parts[1], in: pair) : ""
            guard known.contains(name) else {
                throw Problem(
                    400, "malformed",
                    "query \(name): unknown, expected \(known.isEmpty ? "no query" : known.sorted().joined(separator: ", "))"
                )
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(400, "malformed", "query \(name): stands twice")
            }
        }
        self.values = values
    }

    private static func decoded(_ text: Substring, in pair: Substring) throws(Problem) -> String {
        guard let text = QueryText.decoded(text) else { throw undecodable(pair) }
        return text
    }

    private static func undecodable(_ pair: Substring) -> Problem {
        Problem(400, "malformed", "query: found \"\(pair.prefix(80))\", expected UTF-8 in percent-encoding")
    }

    subscript(name: String) -> String? { values[name] }

    func optional<T>(_ name: String, _ expected: String, _ convert: (String) -> T?) throws(Problem) -> T? {
        guard let text = values[name] else { return nil }
        guard let value = convert(text) else {
            throw Problem(400, "malformed", "query \(name): found \"\(text.prefix(80))\", expected \(expected)")
        }
        return value
    }

    func require<T>(_ name: String, _ expected: String, _ convert: (String) -> T?) throws(Problem) -> T {
        guard let value = try optional(name, expected, convert) else {
            throw Problem(400, "malformed", "query \(name): found nothing, expected \(expected)")
        }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int>, default preset: Int) throws(Problem) -> Int {
        try optional(name, "an integer from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? preset
    }
}
