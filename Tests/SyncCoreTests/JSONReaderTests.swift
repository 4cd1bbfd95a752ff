import SyncCore
import Testing
import TestSupport

@Suite struct JSONReaderTests {
    @Test(arguments: [
        ("", JSONError.Reason.empty), ("{", .unexpectedEnd), ("[1,]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte),
        ("{\"a\":1,\"a\":2}", .duplicateName), ("{\"a\":1,\"\\u0061\":2}", .duplicateName),
        ("\u{FEFF}{}", .byteOrderMark),
        ("1.0", .notAnInteger), ("1e3", .notAnInteger), ("01", .unexpectedByte), ("-", .unexpectedEnd),
        ("+1", .unexpectedByte), ("9007199254740992", .integerTooLarge), ("99999999999999999999", .integerTooLarge),
        ("\"\\ud800\"", .loneSurrogate), ("\"\\udc00\"", .loneSurrogate), ("\"\\ud800\\u0041\"", .loneSurrogate),
        ("\"\\x\"", .badEscape), ("\"a\nb\"", .controlCharacter), ("{} {}", .trailingBytes), ("nul", .unexpectedEnd),
        ("NaN", .unexpectedByte), ("'a'", .unexpectedByte), ("{\"é\":1}", .badName), ("{\"\":1}", .badName),
        ("[1 2]", .unexpectedByte), ("{\"a\" 1}", .unexpectedByte), ("// x\n1", .unexpectedByte),
        ("\"abc", .unexpectedEnd),
    ])
    func `refuses what readers disagree on`(text: String, reason: JSONError.Reason) {
        #expect { try JSONReader.read(Array(text.utf8)) } throws: { ($0 as? JSONError)?.reason == reason }
    }

    @Test func `refuses bytes that are not UTF-8`() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            #expect { try JSONReader.read(bytes) } throws: { ($0 as? JSONError)?.reason == .notUTF8 }
        }
    }

    @Test func `bounds nesting, names and strings`() throws {
        let deepest = String(repeating: "[", count: Limits.jsonDepth) + String(repeating: "]", count: Limits.jsonDepth)
        _ = try JSONReader.read(Array(deepest.utf8))
        #expect { try JSONReader.read(Array("[\(deepest)]".utf8)) } throws: { ($0 as? JSONError)?.reason == .tooDeep }
        let name = String(repeating: "n", count: Limits.nameBytes + 1)
        #expect { try JSONReader.read(Array("{\"\(name)\":1}".utf8)) } throws: {
            ($0 as? JSONError)?.reason == .badName
        }
        let string = String(repeating: "s", count: Limits.stringBytes + 1)
        #expect { try JSONReader.read(Array("\"\(string)\"".utf8)) } throws: {
            ($0 as? JSONError)?.reason == .stringTooLong
        }
    }

    @Test func `names the path of an error`() {
        #expect { try JSONReader.read(Array("{\"a\":[1,{\"b\":1.5}]}".utf8)) } throws: {
            ($0 as? JSONError)?.path == ["a", "[1]", "b"]
        }
    }

    @Test func `reads and writes escapes`() throws {
        let value = try JSONReader.read(Array("\"\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\\u0001\"".utf8))
        #expect(value == .string("é😀\n\"\\/\u{1}"))
        #expect(CanonicalWriter.text(of: value) == "\"é😀\\n\\\"\\\\/\\u0001\"")
    }

    @Test func `look-alike strings are different values`() {
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
        #expect(Set([JSONValue.string("\u{E9}"), .string("e\u{301}")]).count == 2)
    }

    @Test func `what is written is read back`() throws {
        var generator = SeededGenerator(for: "what is written is read back")
        for _ in 0..<2_000 {
            let value = RandomValue.any(depth: 4, using: &generator)
            let bytes = CanonicalWriter.bytes(of: value)
            #expect(try JSONReader.read(bytes) == value)
        }
    }

    @Test func `no bytes make it fail in another way`() {
        var generator = SeededGenerator(for: "no bytes make it fail in another way")
        let seeds = ["{\"a\":[1,-2,true,null],\"b\":{\"c\":\"\\u00e9\"}}", "[\"\\ud83d\\ude00\",{}]"].map {
            Array($0.utf8)
        }
        for _ in 0..<20_000 {
            var bytes = seeds.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            if let value = try? JSONReader.read(bytes) {
                #expect((try? JSONReader.read(CanonicalWriter.bytes(of: value))) == value)
            }
        }
    }
}
