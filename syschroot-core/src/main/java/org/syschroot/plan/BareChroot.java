// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

/** Tells of each step whether a bare chroot(2) does it, or does without it. Stateless. */
final class BareChroot implements PlanStep.Translator<Boolean, RuntimeException> {
  static final BareChroot TEST = new BareChroot();

  private BareChroot() {}

  @Override
  public Boolean enterUserNamespace(KernelStep.EnterUserNamespace step) {
    return false;
  }

  @Override
  public Boolean enterMountNamespace(KernelStep.EnterMountNamespace step) {
    return false;
  }

  @Override
  public Boolean openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    return true;
  }

  @Override
  public Boolean mountImageFile(KernelStep.MountImageFile step) {
    return false;
  }

  @Override
  public Boolean openRoot(KernelStep.OpenRoot step) {
    return true;
  }

  @Override
  public Boolean mountRoot(KernelStep.MountRoot step) {
    return false;
  }

  @Override
  public Boolean mount(KernelStep.Mount step) {
    return false;
  }

  @Override
  public Boolean unmount(KernelStep.Unmount step) {
    return false;
  }

  @Override
  public Boolean enterRoot(KernelStep.EnterRoot step) {
    return true;
  }

  @Override
  public Boolean changeDirectory(KernelStep.ChangeDirectory step) {
    return false;
  }

  @Override
  public Boolean setPersonality(KernelStep.SetPersonality step) {
    return false;
  }

  @Override
  public Boolean setLimit(KernelStep.SetLimit step) {
    return false;
  }

  @Override
  public Boolean dropCapabilities(KernelStep.DropCapabilities step) {
    return false;
  }

  @Override
  public Boolean setIdentity(KernelStep.SetIdentity step) {
    return false;
  }

  @Override
  public Boolean compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    return !step.mustBeSame();
  }

  @Override
  public Boolean noNewPrivileges(KernelStep.NoNewPrivileges step) {
    return false;
  }

  @Override
  public Boolean keepDescriptors(KernelStep.KeepDescriptors step) {
    return false;
  }

  @Override
  public Boolean restoreSignals(KernelStep.RestoreSignals step) {
    return false;
  }

  @Override
  public Boolean execute(KernelStep.Execute step) {
    return false; // it has the environment of one caller
  }

  @Override
  public Boolean enterWorkingDirectory(SymbolicStep.EnterWorkingDirectory step) {
    return true;
  }

  @Override
  public Boolean restoreOpenFiles(SymbolicStep.RestoreOpenFiles step) {
    return true;
  }

  @Override
  public Boolean keepCallersDescriptors(SymbolicStep.KeepCallersDescriptors step) {
    return true;
  }

  @Override
  public Boolean restoreCallersSignals(SymbolicStep.RestoreCallersSignals step) {
    return true;
  }

  @Override
  public Boolean runProgram(SymbolicStep.RunProgram step) {
    return step.environment().onlyMarks();
  }
}
