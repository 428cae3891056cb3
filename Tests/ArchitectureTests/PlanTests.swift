import Testing

@Suite("A plan", .timeLimit(.minutes(5)))
struct PlanTests {
    @Test("of floors is read from the tables below their headings")
    func floors() {
        let document = """
            ### The floors of House

            | floor | folders | what is there |
            | --- | --- | --- |
            | 1 | `Cellar`, `Store` | `wine` |
            | 2 | `Hall` | guests |

            ## Something else

            | 3 | `Garden` | |
            """
        #expect(FloorPlan.all(in: document) == [FloorPlan(target: "House", floors: ["Cellar": 1, "Store": 1, "Hall": 2])])
    }

    @Test("of targets is read from a table, and from a manifest")
    func targets() {
        let document = """
            ### The targets

            | target | uses |
            | --- | --- |
            | `House` | `Ground` |
            | `Ground` | |
            """
        let manifest = """
            let package = Package(name: "x", products: [.library(name: "House", targets: ["House"])], targets: [
                .target(name: "Ground"),
                // .target(name: "Castle"),
                .target(name: "House", dependencies: ["Ground", .product(name: "Ground", package: "Elsewhere")], swiftSettings: s),
                .executableTarget(name: "trial", dependencies: ["House"], path: "Tests/Trial"),
                .testTarget(name: "HouseTests", dependencies: ["House"]),
            ])
            """
        #expect(TargetPlan(document: document).uses == ["House": ["Ground"], "Ground": []])
        #expect(TargetPlan(manifest: manifest) == TargetPlan(document: document))
    }

    @Test("that differs from another says where")
    func differences() {
        let document = TargetPlan(document: "### The targets\n| `House` | `Ground` |\n| `Shed` | |")
        let manifest = TargetPlan(manifest: #"[.target(name: "House", dependencies: []), .target(name: "Shed")]"#)
        #expect(
            TargetPlan.differences(documented: document, declared: manifest)
                == ["House uses nothing in Package.swift and Ground in the documentation"])
    }

    @Test("of targets finds an import that no target declares")
    func imports() {
        let plan = TargetPlan(document: "### The targets\n| `House` | `Ground` |\n| `Ground` | |\n| `Shed` | |")
        let text = "package import Ground\nimport Shed\nimport Foundation"
        #expect(plan.undeclaredImports(in: text, of: "House") == ["Shed"])
        #expect(plan.undeclaredImports(in: text, of: "Ground") == ["Ground", "Shed"])
    }
}
