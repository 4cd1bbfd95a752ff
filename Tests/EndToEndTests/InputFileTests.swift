import Foundation
import SyncCore
import TestSupport
import Testing

@testable import consigne

/// Files as people's programs write them: taken as they are meant, or refused with line and column.
@Suite struct InputFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        "serial,model,unit,tags\nS1,M,/g,patrol\nS2,M,/g,patrol spare\n",
        "\u{FEFF}serial;model;unit;tags\r\nS1;M;/g;patrol\r\nS2;M;/g;patrol spare\r\n;;;\r\n;;;\r\n",
        "\"serial\";\"model\";\"unit\";\"tags\"\r\n\"S1\";\"M\";\"/g\";\"patrol\"\r\n\"S2\";\"M\";\"/g\";\"patrol spare\"",
        "Serial\tModel\tUnit\tTags\nS1\tM\t/g\tpatrol\nS2\tM\t/g\tpatrol spare",
        "sep=;\r\nserial;model;unit;tags\r\nS1;M;/g;patrol\r\nS2;M;/g;patrol spare\r\n",
        "\r\n \r\nserial;model;unit;tags\r\nS1;M;/g;patrol\r\nS2;M;/g;patrol spare\r\n",
        "tags,unit,model,serial\npatrol,/g,M,S1\npatrol spare,/g,M,S2\n\n\n",
        "serial;model;unit;tags\n S1 ;M\u{A0};/g;patrol\nS2;M;/g;\u{A0}patrol spare\n",
    ])
    func `a lot that a spreadsheet exported goes in`(text: String) throws {
        let lot = try LotFile(try file("lot.csv", text))
        #expect(lot.rows.map(\.serial) == ["S1", "S2"])
        #expect(lot.rows.map(\.model) == ["M", "M"])
        #expect(lot.rows.map { $0.tags.count } == [1, 2])
    }

    @Test func `blanks that were left out are told, with the first place`() throws {
        let lot = try LotFile(try file("lot.csv", "serial,model,unit,tags\nS1,M,/g,\nR58N00010A ,M\u{A0},/g,\n"))
        #expect(lot.rows.last?.serial == "R58N00010A")
        #expect(lot.notes.first?.contains("2 cells were left out, the first in line 3, serial") == true, "\(lot.notes)")
    }

    @Test(arguments: [
        ("serial,model,unit,tags\n3.53E+14,M,/g,\n", ["lot.csv:2: column 1 (serial)", "3.53E+14", "format Text"]),
        ("serial;model;unit;tags\n3,53E+14;M;/g;\n", ["lot.csv:2: column 1 (serial)", "3,53E+14", "format Text"]),
        ("serial;model;unit;tags\n353000000000000,0;M;/g;\n", ["format Text"]),
        ("serial,model,unit,tags\nS1,M,/g,\nS\u{200B}2,M,/g,\n", ["lot.csv:3: column 1 (serial)", "S\\u200b2"]),
        ("serial,model,unit,tags\nS 1,M,/g,\n", ["lot.csv:2: column 1 (serial)"]),
        ("serial,model,unit,tags\nS1,M\u{1B}[2J,/g,\n", ["column 2 (model)", "\\u001b", "U+001B"]),
        ("serial,model,unit,tags\nS1,M,/g,\nS1,M,/g,\n", ["lot.csv:3", "line 2"]),
        ("serial,model,unit,tags\nS1,M,/g\n", ["lot.csv:2", "4 cells"]),
        ("serial,model,unit,tags\nS1,M,/g,Patrol\n", ["column 4 (tags)"]),
        ("serial,model,unit,tags\nS1,\"M\"x,/g,\n", ["lot.csv:2: column 2", "quotation mark"]),
        ("serial,model,unit,tags\nS1,M\"x,/g,\n", ["lot.csv:2: column 2", "quotation mark"]),
        ("serial,model,unit,tags\nS1,\"M,/g,\n\n", ["lot.csv:2: column 2", "not closed"]),
        ("serial,model,unit\nS1,M,/g\n", ["lot.csv:1", "serial,model,unit,tags"]),
        ("numéro,modèle,unité\n", ["lot.csv:1"]), ("", ["lot.csv:1"]), ("serial,model,unit,tags\n", ["0 rows"]),
    ])
    func `a lot that is wrong is refused with row, column and what to do`(text: String, words: [String]) throws {
        let failure = try #require(failure { _ = try LotFile(try file("lot.csv", text)) })
        for word in words { #expect(failure.description.contains(word), "\(failure)") }
        #expect(!failure.description.contains("\u{1B}") && !failure.description.contains("\u{200B}"))
    }

    @Test func `other encodings are refused by their names`() throws {
        let heading = Array("serial;model;unit;tags\r\nS1;M;/g;\r\nS2;Mod".utf8)
        let windows = try bytes("lot.csv", heading + [0xE8] + Array("le;/g;\r\n".utf8))
        let text = try #require(failure { _ = try LotFile(windows) }).description
        #expect(
            text.contains("lot.csv:3:7") && text.contains("E8") && text.contains("Windows-1252, where it is è"),
            "\(text)")
        #expect(text.contains("CSV UTF-8"))
        let wide = "serial;model".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        for content in [[0xFF, 0xFE] + wide, wide, [0xFE, 0xFF, 0, 0x73]] {
            #expect(failure { _ = try LotFile(try bytes("lot.csv", content)) }?.description.contains("UTF-16") == true)
        }
        let yaml = try bytes("p.yaml", Array("settings:\n  x: \"b".utf8) + [0xE9] + Array("n\"\n".utf8))
        #expect(failure { _ = try PolicyFile(yaml) }?.description.contains("p.yaml:2:") == true)
        let json = try bytes("p.json", [0xEF, 0xBB, 0xBF] + Array("{\"settings\":{}}".utf8))
        #expect(try PolicyFile(json).body == .object(["settings": .object([:])]))
    }

    @Test(
        arguments: [
            ("True", .bool(true)), ("FALSE", .bool(false)), ("NO", .string("NO")), ("yes", .string("yes")),
            ("on", .string("on")), ("08:30", .string("08:30")), ("2026-11-27", .string("2026-11-27")),
            ("2026-11-27T08:00:00Z", .string("2026-11-27T08:00:00Z")), ("!!str 17", .string("17")),
            ("!!str true", .string("true")), ("!!int \"17\"", .integer(17)), ("! 17", .string("17")),
            ("'17'", .string("17")),
            ("17", .integer(17)), ("+17", .integer(17)), ("-17", .integer(-17)), ("0", .integer(0)),
            ("0o17", .integer(15)), ("0x1F", .integer(31)), ("1_000", .string("1_000")), ("1:30", .string("1:30")),
            ("0b11", .string("0b11")), ("=", .string("=")), ("\"a\\tb\"", .string("a\tb")), ("1.2.3", .string("1.2.3")),
            ("|\n    a\n    b", .string("a\nb\n")),
        ] as [(String, JSONValue)])
    func `YAML is read as its core schema reads it`(text: String, value: JSONValue) throws {
        let path = try file("p.yaml", "a:\n  x: \(text)\n")
        #expect(try YAMLFile.value(of: try TextFile(path))["a"]?["x"] == value)
    }

    @Test(arguments: [
        ("x: NULL", "2:6: a.x: found null"), ("x: ~", "2:6"), ("x:", "a.x: found null"),
        ("x: 1.5", "2:6: a.x: found 1.5"),
        ("x: 1e3", "quotes"), ("x: .inf", "quotes"), ("x: .NaN", "quotes"), ("x: 017", "2:6: a.x: found 017"),
        ("x: 9007199254740993", "9007199254740991"), ("x: 99999999999999999999", "9007199254740991"),
        ("x: !!float 1.5", "tag"), ("x: !!null ''", "tag"), ("x: !!binary aGk=", "tag"),
        ("x: !!timestamp 2026-11-27", "tag"),
        ("x: !secret y", "tag !secret"), ("x: !!set {a, b}", "tag"), ("x: !!int a", "not what its tag says"),
        ("x: &b 1\n  y: *b", "2:6: a.x: found an anchor"), ("x: &b {z: 1}\n  <<: *b", "anchor"),
        ("<<: {z: 1}", "2:3: a: found a merge key"), ("x: 1\n  x: 2", "2:3: x stands twice"),
        ("1: x", "2:3: a: found the key 1"),
        ("true: x", "the key true"), ("? [a, b]\n  : x", "a key that is no word"),
        ("x: 1\n---\nb: 2", "another document"),
        ("x: [1, 2", "p.yaml:"), ("x: *b", "alias"),
        (String(repeating: "n", count: 129) + ": 1", "p.yaml: a: a member name"),
        ("\u{E9}: 1", "p.yaml: a: a member name"),
    ])
    func `what YAML's versions read differently, or JSON has not, is refused with line and column`(
        text: String, words: String
    ) throws {
        let path = try file("p.yaml", "a:\n  \(text)\n")
        let failure = try #require(failure { _ = try YAMLFile.value(of: try TextFile(path)) })
        #expect(failure.description.contains(words), "\(failure)")
    }

    @Test func `a file of aliases that would fill the memory is refused at its first anchor`() throws {
        let levels = (1...30).map { "l\($0): &l\($0) [*l\($0 - 1), *l\($0 - 1), *l\($0 - 1)]" }
        let path = try file("p.yaml", "l0: &l0 [x, x]\n" + levels.joined(separator: "\n") + "\n")
        #expect(failure { _ = try YAMLFile.value(of: try TextFile(path)) }?.description.contains(":1:") == true)
    }

    private func failure(_ body: () throws -> Void) -> Failure? {
        do {
            try body()
            return nil
        } catch {
            return error as? Failure
        }
    }

    private func file(_ name: String, _ text: String) throws -> String { try bytes(name, Array(text.utf8)) }

    private func bytes(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = folder.path(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}
