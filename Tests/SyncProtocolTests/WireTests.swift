import SyncCore
import SyncProtocol
import Testing

/// What goes over the wire is read as it was written, and anything else is refused where it stands.
@Suite struct WireTests {
    private static let digest = String(repeating: "0a", count: 32)

    private static let edits: [String] = [
        "{\"op\":\"unit.create\",\"unit\":\"/gendarmerie\"}",
        "{\"body\":{\"settings\":{\"smsDisabled\":true}},\"op\":\"policy.put\",\"policy\":\"/gendarmerie:lock\"}",
        "{\"op\":\"policy.bind\",\"policy\":\"/:baseline\",\"selector\":\"patrol,!spare\",\"unit\":\"/gendarmerie\"}",
        "{\"op\":\"policy.bind\",\"policy\":\"/:baseline\",\"unit\":\"/\"}",
        "{\"device\":\"d12\",\"op\":\"policy.bind\",\"policy\":\"/:baseline\"}",
        "{\"incidentUntil\":1795448000000,\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\"}",
        "{\"assignment\":\"a12\",\"op\":\"policy.unbind\"}",
        "{\"base\":41,\"body\":{\"settings\":{}},\"op\":\"policy.put\",\"policy\":\"/:b\"}",
        "{\"body\":{\"settings\":{}},\"op\":\"policy.apply\",\"policy\":\"/:b\"}",
        "{\"base\":41,\"op\":\"policy.settle\",\"policy\":\"/:b\",\"setting\":\"cameraAccess\",\"take\":40}",
        "{\"expires\":1795448000000,\"hash\":\"\(digest)\",\"op\":\"token.issue\",\"tags\":[\"patrol\",\"spare\"],"
            + "\"unit\":\"/gendarmerie\",\"uses\":10}",
        "{\"op\":\"token.revoke\",\"token\":\"t12\"}",
        "{\"op\":\"token.reissue\",\"device\":\"d12\",\"expires\":5,\"hash\":\"\(digest)\"}",
        "{\"expires\":1795448000000,\"op\":\"device.provision\",\"rows\":[[\"S1\",\"Pixel 8\",\"/gendarmerie\","
            + "\"patrol spare\",\"\(digest)\"],[\"S2\",\"Pixel 8\",\"/gendarmerie\",\"\",\"\(digest)\"]]}",
        "{\"add\":[\"patrol\"],\"device\":\"d12\",\"op\":\"device.tag\",\"remove\":[\"spare\"]}",
        "{\"device\":\"d12\",\"op\":\"device.move\",\"unit\":\"/gendarmerie/bretagne\"}",
        "{\"device\":\"d12\",\"op\":\"device.revoke\"}",
        "{\"device\":\"d12\",\"op\":\"device.retire\"}",
        "{\"new\":\"d40\",\"old\":\"d12\",\"op\":\"device.replace\"}",
        "{\"device\":\"d12\",\"edit\":{\"key\":\"user.language\",\"op\":\"set\",\"value\":\"br\"},"
            + "\"op\":\"user.edit\",\"seen\":7}",
        "{\"op\":\"operator.appoint\",\"operator\":\"durand\",\"role\":\"editor\",\"token\":\"\(digest)\","
            + "\"unit\":\"/gendarmerie\"}",
        "{\"op\":\"operator.dismiss\",\"operator\":\"durand\"}",
    ]

    private static func json(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)) }

    @Test func `every kind of edit is written as it was read`() throws {
        var kinds: Set<String> = []
        for text in Self.edits {
            let json = try Self.json(text)
            let edit = try Edit(json, at: "edits[0]")
            #expect(edit.json == json)
            #expect(try Edit(edit.json, at: "edits[0]") == edit)
            kinds.insert(try #require(json["op"]?.string))
        }
        #expect(Self.refusal { _ = try Edit(.object([:]), at: "e") }?.expected.hasSuffix(kinds.joinedSorted) == true)
    }

    @Test func `an edit may leave out what has a default`() throws {
        let tag = "{\"op\":\"device.tag\",\"device\":\"d1\",\"add\":[\"b\",\"a\",\"b\"]}"
        let tagged = try Edit(try Self.json(tag), at: "").json
        #expect(tagged["add"] == .array([.string("a"), .string("b")]))
        #expect(tagged["remove"] == .array([]))
        let bind =
            "{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\",\"selector\":\"!z,fact.model=X 4,b,!y,fact.apiLevel>=33,a\"}"
        #expect(
            try Edit(try Self.json(bind), at: "").json["selector"]
                == .string("a,b,!y,!z,fact.apiLevel>=33,fact.model=X 4"))
    }

    @Test func `a change request is written as it was read`() throws {
        let all = Self.edits.joined(separator: ",")
        for text in [
            "{\"edits\":[\(all)],\"intent\":\"i\"}",
            "{\"base\":41,\"edits\":[\(all)],\"epoch\":7,\"intent\":\"i\",\"mode\":\"merge\"}",
            "{\"edits\":[\(all)],\"intent\":\"i\",\"plan\":{\"hash\":\"\(Self.digest)\",\"seq\":7},\"reason\":\"r\"}",
        ] {
            let json = try Self.json(text)
            #expect(try ChangeRequest(json).json == json)
        }
    }

    @Test func `a report is written as it was read`() throws {
        for text in [
            "{\"have\":\"0.0.-\"}",
            "{\"have\":\"1.2.\(Self.digest)\",\"report\":{\"n\":1}}",
            "{\"have\":\"1.2.-\",\"report\":{\"facts\":{\"apiLevel\":34,\"formFactor\":\"tablet\",\"model\":\"X\","
                + "\"patchMonth\":\"2026-11\"},\"failed\":{\"digest\":\"\(Self.digest)\",\"reason\":\"no\"},"
                + "\"n\":9007199254740991,\"nonCompliance\":[{\"reason\":\"API_LEVEL\",\"setting\":\"smsDisabled\"}]}}",
        ] {
            let json = try Self.json(text)
            #expect(try SyncRequest(json).json == json)
        }
        let later = try SyncRequest(try Self.json("{\"have\":\"0.0.-\",\"edits\":[],\"results\":[]}"))
        #expect(later.json == .object(["have": .string("0.0.-")]))
    }

    @Test func `an enrolment is written as it was read`() throws {
        let token = String(repeating: "t", count: 64)
        for text in [
            "{\"credential\":\"\(Self.digest)\",\"facts\":{},\"token\":\"\(token)\"}",
            "{\"credential\":\"\(Self.digest)\",\"facts\":{\"model\":\"X\"},\"serial\":\"S1\",\"token\":\"\(token)\"}",
        ] {
            let json = try Self.json(text)
            #expect(try EnrolRequest(json).json == json)
        }
    }

    @Test func `an answer is read by its result`() throws {
        let envelope = "\"after\":900,\"commands\":[],\"epoch\":5,\"tag\":\"t\",\"version\":7"
        let document = "\"digest\":\"\(Self.digest)\",\"document\":{\"smsDisabled\":true}"
        let digest = try #require(Digest(Self.digest))
        let policy = JSONValue.object(["smsDisabled": .bool(true)])
        let results: [(String, SyncAnswer.Result)] = [
            ("\"result\":\"same\"", .same), ("\"result\":\"ahead\"", .ahead),
            ("\"result\":\"full\",\(document)", .full(document: policy, digest: digest)),
            ("\"result\":\"reset\",\(document)", .reset(document: policy, digest: digest)),
            (
                "\"result\":\"delta\",\"digest\":\"\(Self.digest)\",\"delta\":{\"unset\":[\"smsDisabled\"]}",
                .delta(Delta(set: [:], unset: ["smsDisabled"], records: [:]), digest: digest)
            ),
        ]
        for (text, result) in results {
            let answer = try SyncAnswer(try Self.json("{\(envelope),\(text)}"))
            #expect(answer.result == result)
            #expect(answer.epoch == 5 && answer.version == 7 && answer.after == 900)
            #expect(answer.tag == "t")
        }
        let later = try SyncAnswer(try Self.json("{\(envelope),\"result\":\"same\",\"x\":1}"))
        #expect(later.result == .same, "what a later server adds is passed over")
        for (text, field) in [
            ("{\(envelope),\"result\":\"patch\"}", "result"), ("{\(envelope),\"result\":\"delta\"}", "delta"),
            ("{\(envelope),\"result\":\"full\"}", "document"),
            ("{\"result\":\"same\"}", "epoch"),
        ] {
            #expect(Self.refusal { _ = try SyncAnswer(try Self.json(text)) }?.field == field)
        }
    }

    @Test(arguments: [
        ("[]", "body"), ("{\"edits\":[]}", "intent"), ("{\"intent\":\"i\"}", "edits"),
        ("{\"intent\":\"i\",\"edits\":[]}", "edits"), ("{\"intent\":\"\",\"edits\":[]}", "intent"),
        ("{\"intent\":7,\"edits\":[]}", "intent"), ("{\"intent\":null,\"edits\":[]}", "intent"),
        ("{\"intent\":\"\(String(repeating: "i", count: 129))\",\"edits\":[]}", "intent"),
        ("{\"intent\":\"i\",\"reason\":\"\(String(repeating: "r", count: 1_025))\",\"edits\":[]}", "reason"),
        ("{\"intent\":\"i\",\"edits\":[],\"colour\":1}", "colour"),
        ("{\"intent\":\"i\",\"edits\":[\(edits[0])],\"plan\":{\"seq\":-1,\"hash\":\"\(digest)\"}}", "plan.seq"),
        ("{\"intent\":\"i\",\"edits\":[\(edits[0])],\"plan\":{\"seq\":1}}", "plan.hash"),
        ("{\"intent\":\"i\",\"edits\":[\(edits[0])],\"plan\":{\"seq\":1,\"hash\":\"\(digest)\",\"x\":1}}", "plan.x"),
        ("{\"intent\":\"i\",\"edits\":[\(edits[0]),{\"op\":\"unit.remove\"}]}", "edits[1].op"),
    ])
    func `a change request is refused at the field that is wrong`(text: String, field: String) throws {
        let json = try Self.json(text)
        #expect(Self.refusal { _ = try ChangeRequest(json) }?.field == field)
    }

    @Test(arguments: [
        ("{\"op\":\"unit.create\"}", "e.unit"), ("{\"op\":\"unit.create\",\"unit\":\"gendarmerie\"}", "e.unit"),
        ("{\"op\":\"unit.create\",\"unit\":\"/A\"}", "e.unit"),
        ("{\"op\":\"unit.create\",\"unit\":\"/a/b/c/d/e/f/g/h/i\"}", "e.unit"),
        ("{\"op\":\"unit.create\",\"unit\":\"/a\",\"units\":1}", "e.units"),
        ("{\"op\":\"policy.put\",\"policy\":\"lock\",\"body\":{}}", "e.policy"),
        ("{\"op\":\"policy.put\",\"policy\":\"/:lock\"}", "e.body"),
        ("{\"op\":\"policy.bind\",\"policy\":\"/:b\"}", "e.unit"),
        ("{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\",\"device\":\"d1\"}", "e.device"),
        ("{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"device\":\"d1\",\"selector\":\"a\"}", "e.device"),
        ("{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\",\"selector\":\"a,!a\"}", "e.selector"),
        ("{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\",\"selector\":\"fact.colour=X\"}", "e.selector"),
        ("{\"op\":\"policy.bind\",\"policy\":\"/:b\",\"unit\":\"/\",\"selector\":[]}", "e.selector"),
        ("{\"op\":\"policy.unbind\",\"assignment\":\"12\"}", "e.assignment"),
        ("{\"op\":\"policy.unbind\",\"assignment\":\"a012\"}", "e.assignment"),
        ("{\"op\":\"token.revoke\",\"token\":\"a12\"}", "e.token"),
        ("{\"op\":\"token.issue\",\"hash\":\"\(digest)\",\"unit\":\"/\",\"uses\":0,\"expires\":1}", "e.uses"),
        ("{\"op\":\"token.issue\",\"hash\":\"\(digest)\",\"unit\":\"/\",\"uses\":200001,\"expires\":1}", "e.uses"),
        ("{\"op\":\"token.issue\",\"hash\":\"\(digest)\",\"unit\":\"/\",\"uses\":1}", "e.expires"),
        ("{\"op\":\"token.issue\",\"hash\":\"00\",\"unit\":\"/\",\"uses\":1,\"expires\":1}", "e.hash"),
        ("{\"op\":\"device.tag\",\"device\":\"d1\",\"add\":[\"A\"]}", "e.add"),
        ("{\"op\":\"device.tag\",\"device\":\"d1\",\"add\":\"a\"}", "e.add"),
        ("{\"op\":\"device.move\",\"device\":\"d1\"}", "e.unit"), ("{\"op\":\"device.revoke\"}", "e.device"),
        ("{\"op\":\"device.retire\",\"device\":12}", "e.device"),
        ("{\"op\":\"device.provision\",\"expires\":1,\"rows\":[]}", "e.rows"),
        ("{\"op\":\"device.provision\",\"rows\":[[]]}", "e.expires"),
        ("{\"op\":\"device.provision\",\"expires\":1,\"rows\":[[\"S\",\"M\",\"/\",\"\",\"00\"]]}", "e.rows[0].token"),
        ("{\"op\":\"device.provision\",\"expires\":1,\"rows\":[[\"S\",\"M\",\"/\",\"\"]]}", "e.rows[0]"),
        ("{\"op\":\"operator.appoint\",\"operator\":\"d\",\"role\":\"owner\",\"unit\":\"/\"}", "e.role"),
        (
            "{\"op\":\"operator.appoint\",\"operator\":\"D\",\"role\":\"admin\",\"unit\":\"/\","
                + "\"token\":\"\(digest)\"}", "e.operator"
        ),
        ("{\"op\":\"operator.dismiss\"}", "e.operator"), ("{\"op\":7}", "e.op"), ("\"unit.create\"", "e.op"),
    ])
    func `an edit is refused at the field that is wrong`(text: String, field: String) throws {
        let json = try Self.json(text)
        #expect(Self.refusal { _ = try Edit(json, at: "e") }?.field == field)
    }

    @Test(arguments: [
        ("{}", "have"), ("{\"have\":\"0.0\"}", "have"), ("{\"have\":\"0.0.-\",\"delta\":true}", "delta"),
        ("{\"have\":\"0.0.-\",\"edits\":[{}]}", "edits[0].n"), ("{\"have\":\"0.0.-\",\"results\":{}}", "results"),
        ("{\"have\":\"0.0.-\",\"report\":[]}", "report"), ("{\"have\":\"0.0.-\",\"report\":{}}", "report.n"),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":0}}", "report.n"),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":\"1\"}}", "report.n"),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"state\":1}}", "report.state"),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"facts\":7}}", "report.facts"),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"facts\":{\"colour\":1}}}", "report.facts.colour"),
        (
            "{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"facts\":{\"model\":\"\(String(repeating: "m", count: 65))\"}}}",
            "report.facts.model"
        ),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"failed\":{\"digest\":\"\(digest)\"}}}", "report.failed.reason"),
        (
            "{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"failed\":{\"digest\":\"\(digest)\",\"reason\":\""
                + "\(String(repeating: "r", count: 257))\"}}}", "report.failed.reason"
        ),
        ("{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"nonCompliance\":{}}}", "report.nonCompliance"),
        (
            "{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"nonCompliance\":[{\"setting\":\"s\",\"reason\":\"r\"},"
                + "{\"setting\":\"s\"}]}}", "report.nonCompliance[1].reason"
        ),
    ])
    func `a report is refused at the field that is wrong`(text: String, field: String) throws {
        let json = try Self.json(text)
        #expect(Self.refusal { _ = try SyncRequest(json) }?.field == field)
    }

    @Test(arguments: [
        ("\"token\":\"\(digest)\"", "credential"), ("\"token\":\"short\"", "token"), ("\"token\":7", "token"),
        ("\"token\":\"\(String(repeating: "t", count: 129))\"", "token"),
        ("\"token\":\"\(digest)\",\"credential\":\"\(digest.uppercased())\"", "credential"),
        ("\"token\":\"\(digest)\",\"credential\":\"\(digest)\",\"serial\":\"\"", "serial"),
        (
            "\"token\":\"\(digest)\",\"credential\":\"\(digest)\",\"serial\":\"\(String(repeating: "s", count: 65))\"",
            "serial"
        ),
        ("\"token\":\"\(digest)\",\"credential\":\"\(digest)\",\"facts\":{\"apiLevel\":1000}", "facts.apiLevel"),
        ("\"token\":\"\(digest)\",\"credential\":\"\(digest)\",\"facts\":{\"formFactor\":\"tv\"}", "facts.formFactor"),
        ("\"token\":\"\(digest)\",\"credential\":\"\(digest)\",\"facts\":{\"patchMonth\":\"11\"}", "facts.patchMonth"),
        ("\"token\":\"\(digest)\",\"credential\":\"\(digest)\",\"imei\":1", "imei"),
    ])
    func `an enrolment is refused at the field that is wrong`(members: String, field: String) throws {
        let json = try Self.json("{\(members)}")
        #expect(Self.refusal { _ = try EnrolRequest(json) }?.field == field)
    }

    @Test func `lists longer than they may be are refused`() throws {
        let edits = Array(repeating: JSONValue.integer(0), count: WireLimits.edits + 1)
        let change = JSONValue.object(["intent": .string("i"), "edits": .array(edits)])
        #expect(Self.refusal { _ = try ChangeRequest(change) }?.field == "edits")

        let rows = Array(repeating: JSONValue.integer(0), count: WireLimits.lotRows + 1)
        let lot = JSONValue.object([
            "op": .string("device.provision"), "expires": .integer(1), "rows": .array(rows),
        ])
        #expect(Self.refusal { _ = try Edit(lot, at: "e") }?.field == "e.rows")

        let tags = (0..<33).map { JSONValue.string("t\($0)") }
        let tagging = JSONValue.object(["op": .string("device.tag"), "device": .string("d1"), "remove": .array(tags)])
        #expect(Self.refusal { _ = try Edit(tagging, at: "e") }?.field == "e.remove")

        let settings = Array(repeating: JSONValue.integer(0), count: 257)
        let report = JSONValue.object(["n": .integer(1), "nonCompliance": .array(settings)])
        let request = JSONValue.object(["have": .string("0.0.-"), "report": report])
        #expect(Self.refusal { _ = try SyncRequest(request) }?.field == "report.nonCompliance")
    }

    @Test func `a token that is refused is not repeated`() throws {
        let json = try Self.json("{\"token\":\"a-secret\"}")
        let refusal = try #require(Self.refusal { _ = try EnrolRequest(json) })
        #expect(!refusal.description.contains("a-secret"))
    }

    @Test func `a refusal shows no more than a line of what it found`() throws {
        let json = try Self.json("{\"have\":\"\(String(repeating: "h", count: 5_000))\"}")
        let refusal = try #require(Self.refusal { _ = try SyncRequest(json) })
        #expect(refusal.value.utf8.count <= 80)
    }

    private static func refusal(_ body: () throws -> Void) -> Malformed? {
        do {
            try body()
            return nil
        } catch {
            return error as? Malformed
        }
    }
}

extension Set<String> {
    fileprivate var joinedSorted: String { sorted().joined(separator: ", ") }
}
