import SyncCore
import Testing

/// Text that people read: nothing in it is hidden, and nothing hidden is ever printed.
@Suite struct PlainTextTests {
    @Test(arguments: ["", "Pixel 8", "SM-A515F", "Crosscall Core-X4 (édition police)", "端末"])
    func `what can be seen passes`(text: String) {
        #expect(PlainText.fault(in: text) == nil)
        #expect(text.printable() == text)
    }

    @Test(arguments: [
        (" x", "begins with a blank"), ("x ", "ends with a blank"), ("a\u{0}b", "U+0000"), ("a\u{1B}[2Jb", "U+001B"),
        ("a\nb", "U+000A"), ("a\tb", "U+0009"), ("a\u{7F}b", "U+007F"), ("a\u{9B}b", "U+009B"), ("a\u{A0}b", "U+00A0"),
        ("a\u{202F}b", "U+202F"), ("a\u{200B}b", "U+200B"), ("a\u{200D}b", "U+200D"), ("a\u{202E}b", "U+202E"),
        ("a\u{2066}b", "U+2066"), ("a\u{FEFF}b", "U+FEFF"), ("a\u{2028}b", "U+2028"), ("a\u{AD}b", "U+00AD"),
        ("a\u{3164}b", "U+3164"), ("a\u{2800}b", "U+2800"), ("a\u{E0041}b", "U+E0041"), ("a\u{3000}", "U+3000"),
    ])
    func `what is hidden is refused, and told`(text: String, words: String) throws {
        let fault = try #require(PlainText.fault(in: text))
        #expect(fault.description.contains(words), "\(fault)")
    }

    @Test func `what is hidden is printed as JSON escapes it, and JSON stays what it was`() throws {
        let text = "a\u{1B}]0;x\u{7}\n\u{9B}2J\u{202E}\u{E0041}é"
        #expect(text.printable() == "a\\u001b]0;x\\u0007\\u000a\\u009b2J\\u202e\\udb40\\udc41é")
        #expect("a\nb\u{1B}".printable(lines: true) == "a\nb\\u001b")
        let json = JSONValue.object(["x": .string(text)])
        #expect(try JSONReader.read(Array(CanonicalWriter.text(of: json).printable().utf8)) == json)
    }

    @Test func `a serial number is visible ASCII`() {
        for text in ["R58N00010A", "S1-99", "353000000000000"] { #expect(SerialNumber.isValid(text)) }
        for text in [
            "", " S1", "S1 ", "S 1", "S\u{A0}1", "S\u{200B}1", "Sé", "S\n1", String(repeating: "x", count: 65),
        ] {
            #expect(!SerialNumber.isValid(text), "\(text)")
        }
    }

    @Test func `a device says only what can be seen, and the log keeps what was taken before`() throws {
        let json = JSONValue.object(["model": .string("X\u{1B}[31m")])
        #expect(try Facts(json).model == "X\u{1B}[31m")
        #expect(throws: Facts.Malformed.self) { try Facts(stated: json) }
    }
}
