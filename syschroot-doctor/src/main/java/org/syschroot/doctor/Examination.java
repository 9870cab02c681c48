// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import com.google.common.base.Suppliers;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;

/**
 * An image under examination, and the native system beside it. What several checks need is read
 * once. For one thread at a time.
 */
public final class Examination {
  private final Image image;
  private final MountSelection mounts;
  private final Kernel kernel;
  private final TreeCalls calls;
  private final SystemFiles inside;
  private final SystemFiles tree;
  private final SystemFiles host;
  private final HostFacts facts;
  private final Supplier<Binaries> binaries;
  private final Supplier<TreeSurvey> survey;
  private final Supplier<PrivilegedFiles> privilegedFiles;

  private Examination(
      Image image,
      MountSelection mounts,
      Kernel kernel,
      TreeCalls calls,
      SystemFiles inside,
      SystemFiles tree,
      SystemFiles host,
      HostFacts facts) {
    this.image = image;
    this.mounts = mounts;
    this.kernel = kernel;
    this.calls = calls;
    this.inside = inside;
    this.tree = tree;
    this.host = host;
    this.facts = facts;
    this.binaries = Suppliers.memoize(() -> Binaries.of(inside, image));
    this.survey = Suppliers.memoize(() -> TreeSurvey.of(tree));
    this.privilegedFiles = Suppliers.memoize(() -> PrivilegedFiles.of(tree, survey()));
  }

  /**
   * Begins to examine an image.
   *
   * @param mounts what of its plan applies here
   * @param host the files of the native system, and how much may be looked at for this image
   * @param facts what the native system offers
   * @throws IOException if the image's root is not there or cannot be looked at
   */
  public static Examination of(
      Image image,
      MountSelection mounts,
      Kernel kernel,
      TreeCalls calls,
      SystemFiles host,
      HostFacts facts)
      throws IOException {
    List<MountStep> steps = mounts.mounts().stream().map(MountSelection.Mount::step).toList();
    return new Examination(
        image,
        mounts,
        kernel,
        calls,
        SystemFiles.ofImage(kernel, calls, image.root(), steps, host.budget()),
        SystemFiles.ofImage(kernel, calls, image.root(), List.of(), host.budget()),
        host,
        facts);
  }

  /** Returns how much may still be looked at. */
  Budget budget() {
    return host.budget();
  }

  /**
   * Returns the same examination from its beginning, with what is left of the budget, and ends this
   * one: whatever still uses it on another thread is stopped at its next look at a file.
   */
  Examination begunAnew() {
    Budget rest = budget().withdraw();
    return new Examination(
        image, mounts, kernel, calls, inside.with(rest), tree.with(rest), host.with(rest), facts);
  }

  /** Returns the image. */
  public Image image() {
    return image;
  }

  /**
   * Returns whether set-user-ID programs have no effect in the image: the settings say so, or trust
   * another owner than root with it.
   */
  public boolean isWithoutPrivileges() {
    return image.noNewPrivileges() || !image.trustedOwners().isEmpty();
  }

  /** Returns what is to be mounted in it. */
  public MountSelection mounts() {
    return mounts;
  }

  /** Returns the running kernel. */
  public Kernel kernel() {
    return kernel;
  }

  /** Returns the files of the image as its commands see them, with all planned mounts. */
  public SystemFiles inside() {
    return inside;
  }

  /**
   * Returns the files of the image as they are seen with some mounts only.
   *
   * @throws IOException if the image's root cannot be looked at any more
   */
  public SystemFiles withMounts(List<MountStep> steps) throws IOException {
    return SystemFiles.ofImage(kernel, calls, image.root(), steps, host.budget());
  }

  /** Returns the files of the image's own tree. */
  public SystemFiles tree() {
    return tree;
  }

  /** Returns the files of the native system. */
  public SystemFiles host() {
    return host;
  }

  /** Returns what the native system offers. */
  public HostFacts facts() {
    return facts;
  }

  /** Returns the image's shell, loader and libraries. */
  public Binaries binaries() {
    return binaries.get();
  }

  /** Returns what stood out when all files of the image's tree were looked at. */
  public TreeSurvey survey() {
    return survey.get();
  }

  /** Returns the programs of the image's tree that give a privilege. */
  public PrivilegedFiles privilegedFiles() {
    return privilegedFiles.get();
  }
}
