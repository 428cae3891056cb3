import Testing

@Suite("The inspection of floors", .timeLimit(.minutes(5)))
struct FloorInspectionTests {
    let plan = FloorPlan(target: "House", floors: ["Cellar": 1, "Store": 1, "Hall": 2, "Hall/Attic": 3])

    func arrows(_ files: [String: String]) -> [String] {
        FloorInspection(plan, files: files, folders: []).arrows.map(\.description)
    }

    @Test("finds a file that names a type of a higher floor")
    func upwards() {
        let files = ["Cellar/Wine.swift": "struct Wine { let glass: Glass }", "Hall/Glass.swift": "struct Glass {}"]
        #expect(arrows(files) == ["Floor 1 Sources/House/Cellar/Wine.swift names Glass of floor 2 Hall"])
    }

    @Test("finds a file that names a type of another folder of its floor")
    func sideways() {
        let files = ["Cellar/Wine.swift": "func pour() { _ = Shelf() }", "Store/Shelf.swift": "public final class Shelf {}"]
        #expect(arrows(files) == ["Floor 1 Sources/House/Cellar/Wine.swift names Shelf of floor 1 Store"])
    }

    @Test("finds protocols, actors, enumerations, aliases and functions, too")
    func kinds() {
        let higher = "protocol A {}; actor B {}; enum C {}; typealias D = Int; @usableFromInline package func e() {}"
        let files = ["Hall/All.swift": higher, "Cellar/Wine.swift": "extension B: A { var x: (C, D) { e() } }"]
        #expect(arrows(files).map { $0.split(separator: " ")[4] } == ["A", "B", "C", "D", "e"])
    }

    @Test("finds a name in the interpolation of a string")
    func interpolated() {
        let files = ["Cellar/Wine.swift": #"let x = "a \(Glass("b")) c""#, "Hall/Glass.swift": "struct Glass {}"]
        #expect(arrows(files).count == 1)
    }

    @Test("takes the innermost listed folder for a file's home")
    func nested() {
        let files = ["Hall/Glass.swift": "struct Glass { let roof: Roof }", "Hall/Attic/Beams/Roof.swift": "struct Roof {}"]
        #expect(arrows(files) == ["Floor 2 Sources/House/Hall/Glass.swift names Roof of floor 3 Hall/Attic"])
    }

    @Test(
        "is content with a name that is no use of the type",
        arguments: [
            "// Glass\n/* Glass /* Glass */ Glass */ struct Wine {}",
            ##"let x = "Glass", y = #"a "Glass" \(Glass)"#"##,
            "let x = \"\"\"\n Glass \"Glass\" \\n\n\"\"\"",
            "struct Wine<Glass: Sendable> { let glass: Glass }",
            "func pour<each Wine, Glass>(_ glass: Glass) where Glass: Equatable {}",
            "struct Wine { enum Glass {}; let glass: Glass }",
            "protocol Wine { associatedtype Glass; var glass: Glass { get } }",
            "let glass = Other.Glass()",
            "private struct Glass {}; let glass = Glass()",
        ])
    func innocent(_ text: String) {
        #expect(arrows(["Cellar/Wine.swift": text, "Hall/Glass.swift": "struct Glass {}"]).isEmpty)
    }

    @Test("knows the generic parameters and nested types of a type that a file extends")
    func extensions() {
        let files = [
            "Cellar/Wine.swift": "struct Wine<Glass> { enum Cork {} }",
            "Cellar/Wine+Glass.swift": "extension Wine { func a(_: Glass, _: Cork) {} }",
            "Hall/Glass.swift": "struct Glass {}; struct Cork {}",
        ]
        #expect(arrows(files).isEmpty)
    }

    @Test("leaves types alone that other files cannot see")
    func hidden() {
        let files = ["Cellar/Wine.swift": "let a: Glass", "Hall/Glass.swift": "fileprivate struct Glass {}"]
        #expect(arrows(files).isEmpty)
    }

    @Test("lets a file name what is below it")
    func downwards() {
        let files = ["Hall/Glass.swift": "struct Glass { let wine: Wine }", "Cellar/Wine.swift": "struct Wine {}"]
        #expect(arrows(files).isEmpty)
    }

    @Test("misses a folder without a floor and a floor without a folder")
    func folders() {
        let inspection = FloorInspection(
            plan, files: ["Shed/Rake.swift": "", "Door.swift": ""], folders: ["Cellar", "Hall", "Hall/Attic"])
        #expect(inspection.unlisted == [".", "Shed"])
        #expect(inspection.missing == ["Store"])
    }
}
