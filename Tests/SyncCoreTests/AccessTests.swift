import SyncCore
import Testing

/// Who may do what, where: every action, every role, at places inside and outside the operator's unit.
@Suite struct AccessTests {
    private static let unit = "/g/bre"

    /// The least role that may act at the own unit and below, by action.
    private static let needs: [(name: String, action: @Sendable (OrgPath) -> Action, role: Role)] = [
        ("read", { .read($0) }, .viewer), ("write", { .writePolicy(owner: $0) }, .editor),
        ("bind", { .bind(policyOwner: $0, target: $0) }, .editor), ("unbind", { .unbind(target: $0) }, .editor),
        ("token", { .issueToken($0) }, .editor), ("tag", { .tagDevice($0) }, .editor),
        ("move", { .moveDevice(from: $0, to: $0) }, .editor), ("lot", { .importLot($0) }, .admin),
        ("remove", { .removeDevice($0) }, .admin), ("appoint", { .appoint($0) }, .admin),
    ]

    @Test func `a role acts in its unit and below, and nowhere else`() throws {
        for role in Role.allCases {
            let actor = try actor(role, at: Self.unit)
            for (name, action, needed) in Self.needs {
                for inside in ["/g/bre", "/g/bre/35", "/g/bre/35/u1"] {
                    let denial = actor.denial(of: action(try path(inside)))
                    #expect((denial == nil) == (role >= needed), "\(role) \(name) \(inside)")
                }
                for outside in ["/", "/g", "/g/pac", "/p", "/g/bretagne"] {
                    #expect(actor.denial(of: action(try path(outside))) != nil, "\(role) \(name) \(outside)")
                }
            }
        }
    }

    @Test func `policies are read on the way up, and their authors in the own agency only`() throws {
        let reader = try actor(.viewer, at: Self.unit)
        for (owner, mayRead, mayName) in [
            ("/", true, false), ("/g", true, true), ("/g/bre", true, true), ("/g/bre/35", true, true),
            ("/g/pac", false, true), ("/p", false, false),
        ] {
            #expect((reader.denial(of: .readPolicy(owner: try path(owner))) == nil) == mayRead, "\(owner)")
            #expect((reader.denial(of: .readAuthors(owner: try path(owner))) == nil) == mayName, "\(owner)")
        }
    }

    @Test func `a policy is bound at its owner or below`() throws {
        let editor = try actor(.editor, at: "/g")
        #expect(editor.denial(of: .bind(policyOwner: .root, target: try path("/g/bre"))) == nil)
        let foreign = Action.bind(policyOwner: try path("/g/pac"), target: try path("/g/bre"))
        #expect(editor.denial(of: foreign) == .foreignPolicy(owner: try path("/g/pac")))
    }

    @Test func `a device stays in its agency`() throws {
        let root = try actor(.admin, at: "/")
        #expect(root.denial(of: .moveDevice(from: try path("/g/bre"), to: try path("/g"))) == nil)
        #expect(root.denial(of: .moveDevice(from: try path("/g/bre"), to: try path("/p"))) == .crossesAgencies)
    }

    @Test func `units are made below one's own`() throws {
        let admin = try actor(.admin, at: Self.unit)
        #expect(admin.denial(of: .createUnit(try path("/g/bre/35"))) == nil)
        #expect(admin.denial(of: .createUnit(try path("/g/bre"))) != nil)
        #expect(try actor(.editor, at: "/").denial(of: .createUnit(try path("/x"))) == .needs(.admin))
    }

    @Test(arguments: [
        "", "g", "//", "/g/", "/G", "/é", "/g b", "/../g", "/a/b/c/d/e/f/g/h/i",
        "/" + String(repeating: "x", count: 64),
    ])
    func `what is no path is refused`(text: String) { #expect(OrgPath(text) == nil) }

    private func path(_ text: String) throws -> OrgPath { try #require(OrgPath(text)) }

    private func actor(_ role: Role, at unit: String) throws -> Operator {
        Operator(name: try #require(OperatorName("somebody")), role: role, unit: try path(unit))
    }
}
