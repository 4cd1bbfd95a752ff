import Foundation
import SyncCore
import Yams

/// What `Protocol/openapi.yaml` says of answers, for tests to hold every answer against that they see.
///
/// It is stricter than a reader must be: a member, status or code that the text does not name is a violation.
public struct Contract: Sendable {
    /// An answer, and what it is the answer to.
    public struct Exchange: Sendable {
        public let method: String
        /// With or without a query.
        public let path: String
        public let status: Int
        /// By lower-case name.
        public let headers: [String: String]
        /// As it was before it was compressed.
        public let body: [UInt8]

        public init(method: String, path: String, status: Int, headers: [String: String], body: [UInt8]) {
            self.method = method
            self.path = path
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// Why the text cannot be used.
    public enum Failure: Error { case unreadable(String) }

    public let text: JSONValue
    private let schemas: SchemaChecker
    /// Templates of paths, as segments, and what stands under them.
    private let paths: [(segments: [String], item: JSONValue)]

    /// The repository's own.
    public static let shared = Result { try Contract(yaml: Repository.text(of: "Protocol/openapi.yaml")) }

    public init(yaml: String) throws {
        guard let loaded = try Yams.load(yaml: yaml) else { throw Failure.unreadable("it is empty") }
        text = try Self.json(loaded)
        schemas = SchemaChecker(text)
        paths = (text["paths"]?.object ?? [:]).map { ($0.key.components(separatedBy: "/"), $0.value) }
    }

    private static func json(_ value: Any) throws -> JSONValue {
        switch value {
        case let value as Bool: return .bool(value)
        case let value as Int: return .integer(Int64(value))
        case let value as String: return .string(value)
        case let value as [Any]: return .array(try value.map(json))
        case let value as [AnyHashable: Any]:
            let members = try value.map { name, value -> (String, JSONValue) in
                guard let name = name as? String else { throw Failure.unreadable("the name \(name) is no text") }
                return (name, try json(value))
            }
            return .object(Dictionary(members) { $1 })
        default: throw Failure.unreadable("\(type(of: value)) \(value) is none of JSON's")
        }
    }

    /// What an answer breaks, in words; empty where it is as the text says.
    public func violations(of exchange: Exchange) -> [String] {
        let place = "\(exchange.method) \(exchange.path) \(exchange.status)"
        // The one listener answers so to what is the other's.
        let isElsewhere =
            exchange.status == 404 && (try? JSONReader.read(exchange.body))?["code"] == .string("unknown-route")
        guard !isElsewhere, let responses = responses(to: exchange) else {
            return strangers(exchange).map { "\(place): \($0)" }
        }
        guard let response = responses[String(exchange.status)].flatMap(schemas.resolved) else {
            return ["\(place): the status is not documented"]
        }
        return (violations(of: exchange, response) + headerViolations(of: exchange, response)).map { "\(place): \($0)" }
    }

    /// What a value breaks of one schema.
    public func violations(of value: JSONValue, _ schema: JSONValue) -> [String] {
        schemas.violations(of: value, schema, at: "value")
    }

    private func responses(to exchange: Exchange) -> [String: JSONValue]? {
        let path = exchange.path.prefix { $0 != "?" }.components(separatedBy: "/")
        let item = paths.first { template, _ in
            template.count == path.count
                && zip(template, path).allSatisfy { $0.hasPrefix("{") ? !$1.isEmpty : $0 == $1 }
        }?.item
        return item?[exchange.method.lowercased()]?["responses"]?.object
    }

    /// An answer to what is no route: a problem, with a code that some response has.
    private func strangers(_ exchange: Exchange) -> [String] {
        guard exchange.status >= 400 else { return ["the route is not documented"] }
        let known = (text["components"]?["responses"]?.object ?? [:]).values.flatMap { $0["x-codes"]?.array ?? [] }
        return problem(exchange, codes: known)
    }

    private func violations(of exchange: Exchange, _ response: JSONValue) -> [String] {
        let type = exchange.headers["content-type"].map { $0.prefix { $0 != ";" } }.map(String.init)
        guard let content = response["content"]?.object else {
            return exchange.body.isEmpty ? [] : ["a body of \(exchange.body.count) bytes where none is documented"]
        }
        guard exchange.method != "HEAD" else { return [] }
        guard let type, let schema = content[type]?["schema"] else {
            return ["content type \(type ?? "none"), documented: \(content.keys.sorted().joined(separator: ", "))"]
        }
        if type == "application/problem+json" { return problem(exchange, codes: response["x-codes"]?.array ?? []) }
        guard type == "application/json" else { return [] }
        return read(exchange.body) { schemas.violations(of: $0, schema, at: "body") }
    }

    private func problem(_ exchange: Exchange, codes: [JSONValue]) -> [String] {
        read(exchange.body) { json in
            let schema = JSONValue.object(["$ref": .string("#/components/schemas/Problem")])
            var found = schemas.violations(of: json, schema, at: "body")
            if !codes.contains(json["code"] ?? .null) {
                found.append("code \(json["code"] ?? .null) is not documented")
            }
            if json["status"] != .integer(Int64(exchange.status)) { found.append("status differs from the body's") }
            return found
        }
    }

    private func read(_ body: [UInt8], _ check: (JSONValue) -> [String]) -> [String] {
        do {
            return check(try JSONReader.read(body, limit: 1 << 28))
        } catch {
            return ["the body is not the protocol's JSON: \(error)"]
        }
    }

    private func headerViolations(of exchange: Exchange, _ response: JSONValue) -> [String] {
        var found: [String] = []
        if exchange.status == 401, exchange.headers["www-authenticate"] == nil { found.append("no WWW-Authenticate") }
        for (name, header) in response["headers"]?.object ?? [:] {
            guard let value = exchange.headers[name.lowercased()] else { continue }
            guard let schema = schemas.resolved(header)?["schema"] else {
                found.append("header \(name) has no schema")
                continue
            }
            let json = Int64(value).map(JSONValue.integer)
            let isNumber = schemas.resolved(schema)?["type"] == .string("integer")
            found += schemas.violations(of: isNumber ? json ?? .string(value) : .string(value), schema, at: name)
        }
        return found
    }
}
