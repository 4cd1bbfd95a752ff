import SyncCore
import SyncProtocol
import Testing

/// Whatever comes in is refused with its field where it has characters that cannot be seen, or blanks around it.
@Suite struct HiddenTextTests {
    private static let digest = String(repeating: "0a", count: 32)
    private static let hidden = [
        "\\u0000", "a\\u0000b", "a\\u001b[2Jb", "a\\nb", "a\\u00a0b", "a\\u200bb", "a\\u202eb", " a", "a ", "a\\u009bb",
    ]

    @Test(arguments: hidden)
    func `an intent or a reason that hides something is refused`(text: String) throws {
        let edit = "{\"op\":\"unit.create\",\"unit\":\"/a\"}"
        #expect(try field("{\"intent\":\"\(text)\",\"edits\":[\(edit)]}", ChangeRequest.init) == "intent")
        #expect(
            try field("{\"intent\":\"i\",\"reason\":\"\(text)\",\"edits\":[\(edit)]}", ChangeRequest.init) == "reason")
    }

    @Test(arguments: hidden)
    func `what a device says of itself is refused with its field`(text: String) throws {
        let enrolment = "\"token\":\"\(Self.digest)\",\"credential\":\"\(Self.digest)\""
        let report = "\"have\":\"0.0.-\",\"report\":{\"n\":1,"
        #expect(try field("{\(enrolment),\"serial\":\"\(text)\"}", EnrolRequest.init) == "serial")
        #expect(try field("{\(enrolment),\"facts\":{\"model\":\"\(text)\"}}", EnrolRequest.init) == "facts.model")
        #expect(try field("{\(report)\"facts\":{\"model\":\"\(text)\"}}}", SyncRequest.init) == "report.facts.model")
        #expect(
            try field(
                "{\(report)\"failed\":{\"digest\":\"\(Self.digest)\",\"reason\":\"\(text)\"}}}", SyncRequest.init)
                == "report.failed.reason")
        #expect(
            try field(
                "{\(report)\"nonCompliance\":[{\"setting\":\"s\",\"reason\":\"\(text)\"}]}}", SyncRequest.init)
                == "report.nonCompliance[0].reason")
    }

    @Test(arguments: hidden)
    func `a row of a lot is refused with its cell`(text: String) throws {
        func place(_ cells: String) throws -> String? {
            try field("{\"op\":\"device.provision\",\"expires\":1,\"rows\":[[\(cells),\"\(Self.digest)\"]]}") {
                try Edit($0, at: "e")
            }
        }
        #expect(try place("\"\(text)\",\"M\",\"/\",\"\"") == "e.rows[0].serial")
        #expect(try place("\"S\",\"\(text)\",\"/\",\"\"") == "e.rows[0].model")
        #expect(try place("\"S 1\",\"M\",\"/\",\"\"") == "e.rows[0].serial", "a blank within")
        #expect(try place("\"S\",\"M\",\"/\",\"patrol\\u00a0spare\"") == "e.rows[0].tags")
        let bind = "{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\",\"selector\":\"fact.model=\(text)\"}"
        if text.first != " " { #expect(try field(bind) { try Edit($0, at: "e") } == "e.selector") }
    }

    private func field<T>(_ text: String, _ read: (JSONValue) throws -> T) throws -> String? {
        let json = try JSONReader.read(Array(text.utf8))
        do {
            _ = try read(json)
            return nil
        } catch {
            return (error as? Malformed)?.field
        }
    }
}
