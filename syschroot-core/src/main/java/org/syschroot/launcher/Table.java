// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Optional;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.Machine;
import org.syschroot.path.OsString;

/**
 * The table of a plan on a machine. Addresses of constants are offsets in {@link #constants}.
 *
 * @param entries the entries
 * @param steps what each entry is for
 * @param constants strings and structures that operands refer to
 */
record Table(List<TableEntry> entries, List<String> steps, byte[] constants) {
  /**
   * Compiles a plan. The order is that of the kernel's rules: what needs the privilege directly
   * after the change of root, and what looks at the caller's things when the privilege is gone.
   */
  static Table of(LaunchPlan plan, Machine machine) throws LauncherException {
    TableBuilder table = new TableBuilder(machine);
    Constants constants = new Constants();
    Messages messages = new Messages(table, constants, plan.image());
    PrivilegeEntries privilege = new PrivilegeEntries(table, constants, messages);
    ProofEntries proof = new ProofEntries(table, constants, messages, plan.image());
    NamespaceEntries namespaces = new NamespaceEntries(table, constants, messages);
    DirectoryEntries directory = new DirectoryEntries(table, constants, messages, plan);
    SettingEntries settings = new SettingEntries(table, constants, messages);
    boolean setUserId = plan.privilege() == Privilege.SET_USER_ID;

    if (plan.kind() != LauncherKind.BOOT) {
      messages.tellOfMounts();
    }
    messages.begin();
    if (setUserId) {
      privilege.lendCallersRights();
    }
    directory.remember();
    boolean privileged = plan.privilege() != Privilege.NONE;
    String again = (privileged ? "root: syschroot link " : "syschroot link ") + plan.image();
    if (privileged) {
      proof.callersRoot(plan.proof().callersRoot());
    }
    proof.tree(plan.root(), plan.proof(), again);
    if (setUserId) {
      privilege.takeRootsRights();
    }
    namespaces.of(plan, proof, privilege);
    boolean inUserNamespace = plan.namespaces().user().isPresent();
    plan.namespaces()
        .layers()
        .ifPresent(
            layers ->
                new RootEntries(table, constants, messages, machine)
                    .add(layers, Optional.empty(), inUserNamespace));
    MountEntries mounts = new MountEntries(table, constants, messages, machine, privileged);
    mounts.addAll(plan.namespaces().mounts());
    boolean otherwise = plan.kind() == LauncherKind.BOOT && plan.namespaces().userIfUnprivileged();
    proof.enter(otherwise ? Optional.of(namespaces) : Optional.empty());
    privilege.cutBoundingSet(plan.droppedCapabilities());
    if (setUserId) {
      privilege.takeCallersIds();
    }
    proof.mounts(plan.proof().mounts());
    directory.change();
    if (privileged) {
      settings.stack();
    }
    if (plan.personality().isPresent()) {
      settings.personality(plan.personality().get());
    }
    if (plan.noNewPrivileges()) {
      privilege.noNewPrivileges();
    }
    privilege.emptyCapabilitySets(plan.droppedCapabilities());
    plan.removedVariables().forEach(settings::withoutVariable);
    plan.variables().forEach(settings::variable);
    settings.variable(OsString.of("SYSCHROOT_IMAGE"), OsString.of(plan.image().toString()));
    plan.limits().forEach(settings::limit);
    ExecuteEntries execute =
        new ExecuteEntries(
            table,
            constants,
            messages,
            plan.image(),
            () -> plan.shellVariables().forEach(settings::defaultVariable));
    plan.program().accept(execute);
    messages.writeFailures();
    return new Table(table.entries(), table.steps(), constants.bytes());
  }
}
