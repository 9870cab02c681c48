/* A process of a parallel job: tells the others its rank by PMIx, and prints those of all. */
#include <pmix.h>
#include <stdio.h>
#include <stdlib.h>

static void must(const char *what, pmix_status_t status) {
    if (status != PMIX_SUCCESS) {
        fprintf(stderr, "%s: %s\n", what, PMIx_Error_string(status));
        exit(1);
    }
}

int main(void) {
    pmix_proc_t me, all;
    pmix_value_t value, *found;
    pmix_info_t collect;
    bool yes = true;
    must("PMIx_Init", PMIx_Init(&me, NULL, 0));
    value.type = PMIX_UINT32;
    value.data.uint32 = 100 + me.rank;
    must("PMIx_Put", PMIx_Put(PMIX_GLOBAL, "number", &value));
    must("PMIx_Commit", PMIx_Commit());
    PMIX_PROC_LOAD(&all, me.nspace, PMIX_RANK_WILDCARD);
    PMIX_INFO_LOAD(&collect, PMIX_COLLECT_DATA, &yes, PMIX_BOOL);
    must("PMIx_Fence", PMIx_Fence(&all, 1, &collect, 1));
    must("PMIx_Get", PMIx_Get(&all, PMIX_JOB_SIZE, NULL, 0, &found));
    unsigned size = found->data.uint32;
    unsigned sum = 0;
    for (unsigned rank = 0; rank < size; rank++) {
        pmix_proc_t other;
        PMIX_PROC_LOAD(&other, me.nspace, rank);
        must("PMIx_Get", PMIx_Get(&other, "number", NULL, 0, &found));
        sum += found->data.uint32;
    }
    printf("%s rank %u of %u: %u\n", getenv("SYSCHROOT_IMAGE"), me.rank, size, sum);
    must("PMIx_Finalize", PMIx_Finalize(NULL, 0));
    return 0;
}
