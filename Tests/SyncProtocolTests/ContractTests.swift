import SyncCore
import TestSupport
import Testing

/// The OpenAPI text itself, and the checker that holds answers against it.
@Suite struct ContractTests {
    private let contract: Contract

    init() throws { contract = try Contract.shared.get() }

    private func violations(
        _ path: String, _ body: String, status: Int = 200, type: String = "application/json", method: String = "GET",
        headers: [String: String] = [:]
    ) -> [String] {
        contract.violations(
            of: Contract.Exchange(
                method: method, path: path, status: status, headers: headers.merging(["content-type": type]) { $1 },
                body: Array(body.utf8)))
    }

    @Test func `an answer that is as the text says passes`() {
        #expect(violations("/v1/me", #"{"operator":"eve","role":"viewer","unit":"/g"}"#) == [])
        #expect(violations("/v1/units?under=/g", #"{"units":["/g","/g/..x"]}"#) == [])
        let assignment = #"{"assignment":"a1","incidentUntil":5,"layer":100,"policy":"/:b","unit":"/"}"#
        #expect(violations("/v1/assignments", #"{"assignments":[\#(assignment)]}"#) == [])
    }

    @Test(arguments: [
        ("/v1/me", #"{"operator":"eve","role":"viewer","unit":"/g","x":1}"#, "x is not documented"),
        ("/v1/me", #"{"operator":"eve","unit":"/g"}"#, "no role"),
        ("/v1/me", #"{"operator":"eve","role":"owner","unit":"/g"}"#, "breaks enum"),
        ("/v1/me", #"{"operator":"eve","role":"viewer","unit":"g"}"#, "breaks pattern"),
        ("/v1/units", #"{"units":["/g/.."]}"#, "breaks pattern"), ("/v1/units", #"{"units":{}}"#, "breaks type"),
        ("/v1/units", "[", "JSON"), ("/v1/nothing", "{}", "route is not documented"),
    ])
    func `an answer that is not as the text says is told`(path: String, body: String, words: String) {
        let found = violations(path, body)
        #expect(found.contains { $0.contains(words) }, "\(found)")
    }

    @Test func `a status, a code and a content type that are not in the text are told`() {
        func problem(_ status: Int, _ code: String) -> String {
            #"{"code":"\#(code)","definite":true,"detail":"d","status":\#(status),"title":"t","type":"about:blank"}"#
        }
        func told(_ status: Int, _ code: String, _ path: String = "/v1/me", bearer: Bool = true) -> [String] {
            violations(
                path, problem(status, code), status: status, type: "application/problem+json",
                headers: bearer ? ["www-authenticate": "Bearer"] : [:])
        }
        #expect(told(401, "unauthenticated") == [])
        #expect(told(404, "unknown-route", "/v1/nothing") == [])
        #expect(told(401, "unauthenticated", bearer: false).count == 1)
        #expect(told(401, "not-allowed").count == 1)
        #expect(told(418, "unauthenticated").count == 1)
        #expect(told(404, "no-such-code", "/v1/nothing").count == 1)
        #expect(violations("/v1/me", "{}", type: "text/html").count == 1)
    }

    @Test func `every keyword of the schemas is known to the checker`() throws {
        let schemas = try #require(contract.text["components"]?["schemas"]?.object)
        #expect(schemas.count > 80)
        for (name, schema) in schemas {
            // Whatever the value is, a keyword that is not known is told.
            let found = contract.violations(of: .object([:]), schema).filter { $0.contains("keyword") }
            #expect(found == [], "\(name)")
        }
    }

    @Test func `the table of errors, the text and the server know the same codes`() throws {
        let responses = try #require(contract.text["components"]?["responses"]?.object)
        let documented = Set(responses.values.flatMap { $0["x-codes"]?.array ?? [] }.compactMap(\.string))
        let readme = try Repository.text(of: "Protocol/README.md")
        let section = try #require(readme.components(separatedBy: "\n## 6. Errors").dropFirst().first)
        let rows = section.components(separatedBy: "\n## 7.")[0].split(separator: "\n").filter { $0.hasPrefix("| ") }
        let table = Set(rows.flatMap { $0.split(separator: "|")[1].matches(of: /`([a-z-]+)`/).map { String($0.1) } })
        #expect(table.subtracting(["http"]) == documented)
        var said: Set<String> = []
        for file in try Repository.swiftFiles(under: "Sources/SyncServer") {
            said.formUnion(try Repository.text(of: file).matches(of: /\b[45]\d\d,\s*"([a-z-]+)"/).map { String($0.1) })
        }
        #expect(said.count > 40)
        #expect(said.subtracting(table) == [], "the server says what the table of errors does not have")
    }

    @Test func `the text has nothing that readers of YAML disagree on`() throws {
        let text = try Repository.text(of: "Protocol/openapi.yaml")
        #expect(text.firstMatch(of: /[\s\[{,][&*][A-Za-z]/) == nil, "no anchor, no alias")
        #expect(!text.contains("<<:"), "no merge key")
    }
}
