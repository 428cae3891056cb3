import Testing

@Suite("The floors of this package", .timeLimit(.minutes(5)))
struct FloorTests {
    static var plans: [FloorPlan] {
        get throws { FloorPlan.all(in: try Repository.text(of: "docs/architecture.md")) }
    }

    @Test("are drawn for the engine and for what all targets share")
    func drawn() throws {
        let targets = try Self.plans.map(\.target)
        #expect(targets.contains("CanoCore"))
        #expect(targets.contains("CanoPrimitives"))
    }

    @Test("hold: no file names a type of its own floor's other folders or of a higher floor", arguments: try plans)
    func hold(_ plan: FloorPlan) throws {
        let (files, folders) = try Repository.sources(of: plan.target)
        let inspection = FloorInspection(plan, files: files, folders: folders)
        #expect(inspection.arrows.isEmpty, "\(inspection.arrows.map(\.description).joined(separator: "\n"))")
    }

    @Test("name every folder that has sources, and no other", arguments: try plans)
    func complete(_ plan: FloorPlan) throws {
        let (files, folders) = try Repository.sources(of: plan.target)
        let inspection = FloorInspection(plan, files: files, folders: folders)
        #expect(inspection.unlisted.isEmpty, "folders of \(plan.target) without a floor")
        #expect(inspection.missing.isEmpty, "folders of \(plan.target) that do not exist")
    }

    @Test("begin with targets that depend on each other as the documentation says")
    func targets() throws {
        let documented = TargetPlan(document: try Repository.text(of: "docs/architecture.md"))
        let declared = TargetPlan(manifest: try Repository.text(of: "Package.swift"))
        let differences = TargetPlan.differences(documented: documented, declared: declared)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        #expect(!declared.uses.isEmpty)
    }

    @Test("let a file import only the targets that its own uses")
    func imports() throws {
        let declared = TargetPlan(manifest: try Repository.text(of: "Package.swift"))
        for target in declared.uses.keys {
            for (path, text) in try Repository.sources(of: target).files {
                let undeclared = declared.undeclaredImports(in: text, of: target)
                #expect(undeclared.isEmpty, "\(target)/\(path) imports \(undeclared.sorted().joined(separator: ", "))")
            }
        }
    }
}
