// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.syschroot.caller.Caller;
import org.syschroot.host.ContributedMounts;
import org.syschroot.host.HostState;
import org.syschroot.host.SchedulerSupport;
import org.syschroot.host.SharedMounts;
import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounting.KernelFiles;
import org.syschroot.mounting.MountSupport;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.perform.AccessList;
import org.syschroot.perform.SwitchRules;
import org.syschroot.plan.Identity;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;

/**
 * The rules of this host for every start: what is mounted here, what site code and schedulers add,
 * who may use an image, and who is told. Thread-safe.
 */
public final class SiteRules implements SwitchRules {
  private final Kernel kernel;
  private final MountSupport mounts;
  private final SchedulerSupport schedulers;
  private final SiteCode code;
  private final List<MountContributor> further;
  private final FilePlanning planning;

  /**
   * Creates the rules.
   *
   * @param further contributors besides those of {@code code}
   */
  public SiteRules(
      Kernel kernel,
      MountSupport mounts,
      SchedulerSupport schedulers,
      SiteCode code,
      List<MountContributor> further) {
    this.kernel = kernel;
    this.mounts = mounts;
    this.schedulers = schedulers;
    this.code = code;
    List<MountContributor> all = new ArrayList<>(further);
    all.add(new SpoolMounts(schedulers));
    all.add(new SharedMounts());
    this.further = List.copyOf(all);
    this.planning = new FilePlanning(kernel, mounts);
  }

  /**
   * Loads the site code now, which otherwise happens when it is first needed.
   *
   * @throws SiteCodeException if a jar or one of its classes cannot be used
   * @throws IOException if the directory cannot be read
   */
  public void load() throws IOException {
    code.contributors();
    code.switchContributors();
    code.listener(SwitchListener.SILENT);
  }

  /** Returns these rules without site code: what remains when that is broken. */
  public SiteRules withoutSiteCode() {
    return new SiteRules(kernel, mounts, schedulers, SiteCode.none(kernel), List.of());
  }

  /**
   * Returns which mounts of an image apply on this host, for everybody.
   *
   * @throws SiteCodeException if site code fails
   * @throws IOException if the jars or the host cannot be read
   */
  public MountSelection mountsOf(Image image) throws IOException {
    KernelFiles files = new KernelFiles(kernel);
    try {
      return ContributedMounts.of(image, files, contributors()).on(files);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Returns what is mounted at each planned mount of an image.
   *
   * @throws SiteCodeException if site code fails
   * @throws IOException if the jars or the host cannot be read
   */
  public List<MountStatus> mountStatesOf(Image image) throws IOException {
    return mounts.survey(kernel).of(image.root(), mountsOf(image));
  }

  /**
   * Returns what planning needs to know of this host, for everybody.
   *
   * @throws SiteCodeException if site code cannot be loaded
   * @throws IOException if the jars cannot be read
   */
  public HostState hostState() throws IOException {
    return HostState.running(kernel, mounts, contributors());
  }

  private List<MountContributor> contributors() throws IOException {
    List<MountContributor> all = new ArrayList<>(further);
    all.addAll(code.contributors());
    return all;
  }

  @Override
  public SwitchPlan plan(SwitchRequest request, Caller caller) throws SwitchException {
    return imagePlan(request).bind(caller);
  }

  /**
   * Returns the plan of a request for whoever carries it out, and touches nothing.
   *
   * @throws SwitchException if the request cannot be carried out, or its user may not use the image
   */
  public ImagePlan imagePlan(SwitchRequest request) throws SwitchException {
    Image image = request.image();
    try {
      requireAccess(request);
      List<MountContributor> contributors = contributors();
      SwitchRequest completed = possible(ask(request, contributors));
      HostState host = HostState.running(kernel, mounts, contributors);
      return planning.plan(completed, host);
    } catch (SwitchException e) {
      throw e;
    } catch (SiteCodeException e) {
      throw new SwitchException(image.name(), e);
    } catch (UncheckedIOException e) {
      throw new SwitchException(image.name(), Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw new SwitchException(image.name(), "cannot read the state of the host", e);
    }
  }

  /** Who may not change root, which the kernel goes by, has a user namespace to do it in. */
  private SwitchRequest possible(SwitchRequest request) throws KernelException {
    return request.userNamespace().isPresent()
            || kernel.hasCapability(Capability.SYS_CHROOT.number())
        ? request
        : request.rootless(UserIds.KEPT);
  }

  private static void requireAccess(SwitchRequest request) throws IOException {
    AccessList access = new AccessList(request.image(), Accounts::ofHost);
    if (!request.isAccessChecked() && !access.isForEveryone()) {
      access.require(identity(request));
    }
  }

  private static Identity identity(SwitchRequest request) throws IOException {
    return request.identity().isPresent() ? request.identity().get() : Identity.ofThisProcess();
  }

  /**
   * Asks those who contribute to single commands. Their mounts are added to {@code contributors}.
   */
  private SwitchRequest ask(SwitchRequest request, List<MountContributor> contributors)
      throws IOException {
    List<SiteSwitchContributor> asked = new ArrayList<>(code.switchContributors());
    if (asked.isEmpty()) {
      return request;
    }
    asked.sort(Comparator.comparing(SiteSwitchContributor::name));
    Requester requester = new Requester(identity(request), request.command());
    SwitchRequest completed = request;
    for (SiteSwitchContributor one : asked) {
      Contribution contribution =
          one.contribute(request.image(), new KernelFiles(kernel), requester);
      completed = completed.contributed(contribution.environment());
      for (Map.Entry<Limit, Long> limit : contribution.limits().entrySet()) {
        completed = completed.limit(limit.getKey(), limit.getValue());
      }
      if (!contribution.mounts().isEmpty()) {
        contributors.add(one.mounts(contribution));
      }
    }
    return completed;
  }

  @Override
  public SwitchListener listener(SwitchPlan plan, SwitchListener own) throws SwitchException {
    try {
      return code.listener(own);
    } catch (IOException e) {
      throw new SwitchException(plan.image().name(), e);
    }
  }
}
